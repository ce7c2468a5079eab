# One image for every process of Muster; compose.yaml says which one a container is.
FROM python:3.13-slim-bookworm AS packages
COPY requirements/base.txt /requirements/base.txt
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r /requirements/base.txt

FROM python:3.13-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 MUSTER_DATA=/data HOST=0.0.0.0 PORT=8000
RUN useradd --system --uid 10001 --home-dir /muster muster && install -d -o muster -m 0755 /data
COPY --from=packages /venv /venv
COPY . /muster
WORKDIR /muster
RUN python -m compileall -q /muster
USER muster
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "config.runner.one"]
CMD ["web"]
