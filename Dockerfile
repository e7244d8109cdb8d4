# A small image with the program and nothing else: no shell, no git, not root. Build: docker build -t stopleak .
# Use: docker run --rm -v "$PWD:/src:ro" stopleak scan .
# Prepared; it could not be built where the project is developed (no Docker engine there).
FROM rust:1.95-alpine AS build
# musl's own headers and start files; there is no other C in the program.
RUN apk add --no-cache musl-dev
WORKDIR /build
COPY . .
RUN cargo build --release --locked --bin stopleak && cp target/release/stopleak /stopleak

FROM scratch
COPY --from=build /stopleak /usr/local/bin/stopleak
COPY LICENSE-APACHE LICENSE-MIT /licenses/
USER 65532:65532
WORKDIR /src
ENTRYPOINT ["/usr/local/bin/stopleak"]
CMD ["scan", "."]
