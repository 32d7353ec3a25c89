# docker build -t rockwatch . && docker run -p 4566:4566 rockwatch
FROM debian:12 AS build
WORKDIR /src
COPY emulator/packages.sh emulator/
RUN bash -c '. emulator/packages.sh && install_missing "${build_packages[@]}"'
COPY . .
RUN emulator/build.sh && strip build/release/rockwatch
# Which packages hold the libraries that the binary asks for.
RUN ldd build/release/rockwatch | awk '$2 == "=>" { sub(".*/", "", $3); print "*/" $3 }' \
    | xargs dpkg -S | cut -d: -f1 | sort -u > runtime-packages

FROM debian:12-slim
COPY --from=build /src/runtime-packages /tmp/
RUN apt-get update \
    && xargs apt-get install -y --no-install-recommends ca-certificates < /tmp/runtime-packages \
    && rm -rf /var/lib/apt/lists/* /tmp/runtime-packages \
    && groupadd --gid 10001 rockwatch \
    && useradd --uid 10001 --gid 10001 --shell /usr/sbin/nologin --home-dir /var/lib/rockwatch --create-home rockwatch
COPY --from=build /src/build/release/rockwatch /usr/local/bin/
COPY emulator/docker-entrypoint.sh /usr/local/bin/
COPY LICENSE NOTICE /usr/share/doc/rockwatch/

# By its number, so that Kubernetes sees that it is not root.
USER 10001:10001
WORKDIR /var/lib/rockwatch
VOLUME /var/lib/rockwatch
ENV ROCKWATCH_HOST=0.0.0.0
EXPOSE 4566
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s CMD ["rockwatch", "healthcheck"]
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["serve"]
