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
    && xargs apt-get install -y --no-install-recommends < /tmp/runtime-packages \
    && rm -rf /var/lib/apt/lists/* /tmp/runtime-packages \
    && useradd --system --home-dir /var/lib/rockwatch --create-home rockwatch
COPY --from=build /src/build/release/rockwatch /usr/local/bin/
COPY emulator/docker-entrypoint.sh /usr/local/bin/
COPY LICENSE NOTICE /usr/share/doc/rockwatch/

USER rockwatch
WORKDIR /var/lib/rockwatch
VOLUME /var/lib/rockwatch
ENV ROCKWATCH_HOST=0.0.0.0
EXPOSE 4566
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s CMD ["rockwatch", "healthcheck"]
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["serve"]
