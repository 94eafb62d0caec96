# Exact versions; compose.yaml says how to add the digests of your registry.
FROM rust:1.95.0-bookworm AS builder
WORKDIR /src
COPY . .
RUN make build

FROM debian:12.11-slim
RUN useradd --system --uid 10001 --no-create-home stagedoor \
    && install --directory --owner=stagedoor --group=stagedoor --mode=0700 /var/lib/stagedoor
COPY --from=builder /src/target/release/stagedoor /usr/local/bin/stagedoor
USER stagedoor
WORKDIR /var/lib/stagedoor
VOLUME /var/lib/stagedoor
EXPOSE 8080
ENTRYPOINT ["stagedoor"]
CMD ["serve", "--listen", "0.0.0.0:8080", "--data", "/var/lib/stagedoor"]
