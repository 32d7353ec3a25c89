#!/bin/sh
# The image's entry: options and commands of rockwatch as they are, any other program by its name.
set -e
case "${1:-}" in
    '' | -* | serve | test | simulate | validate | env | exec | healthcheck | coverage) exec rockwatch "$@" ;;
    *) exec "$@" ;;
esac
