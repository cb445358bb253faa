# syntax=docker/dockerfile:1
# The server as a small image that runs as nobody. `docker compose up` runs it beside Postgres.

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin quartermaster \
 && cp target/release/quartermaster /usr/local/bin/quartermaster

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /data --create-home --shell /usr/sbin/nologin quartermaster
COPY --from=build /usr/local/bin/quartermaster /usr/local/bin/quartermaster
COPY LICENSE-MIT LICENSE-APACHE NOTICE /usr/share/doc/quartermaster/
COPY --chmod=755 deploy/healthy /usr/local/bin/healthy
USER 10001
ENV QUARTERMASTER_LISTEN=0.0.0.0:8080 QUARTERMASTER_DATA=/data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=40s CMD ["healthy"]
ENTRYPOINT ["quartermaster"]
CMD ["serve"]
