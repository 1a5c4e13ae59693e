# One image for every part of the monitor: console, workers, beat. The command says which.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/monitor
COPY requirements/distributed.txt requirements/networks.txt /build/requirements/
RUN /opt/monitor/bin/pip install --require-hashes -r /build/requirements/distributed.txt \
 && /opt/monitor/bin/pip install --no-deps --require-hashes -r /build/requirements/networks.txt
COPY . /build/
RUN /opt/monitor/bin/pip install --no-deps --no-build-isolation /build

FROM python:3.11-slim-bookworm
RUN groupadd --system --gid 10001 monitor \
 && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin monitor \
 && install -d -o monitor -g monitor -m 0700 /var/lib/monitor /var/lib/monitor/keys \
    /var/lib/monitor/evidence
COPY --from=build /opt/monitor /opt/monitor
ENV PATH=/opt/monitor/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ORT_DISABLE_TELEMETRY=1
WORKDIR /var/lib/monitor
USER 10001:10001
CMD ["monitor", "serve"]
