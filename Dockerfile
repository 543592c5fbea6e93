# One image for web, worker and beat; the command says which. No secrets inside.
FROM python:3.12-slim AS build
WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/base.txt
COPY manage.py pyproject.toml ./
COPY crossmatrix crossmatrix
COPY templates templates
COPY static static
ENV CROSSMATRIX_HOME=/data SECRET_KEY=only-while-building \
    DATABASE_URL=postgresql://127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0
RUN /venv/bin/python manage.py fonts && /venv/bin/python manage.py translations compile \
 && /venv/bin/python manage.py collectstatic --noinput

FROM python:3.12-slim
# the folders of the volumes exist and belong to the user: a new volume takes both from here
RUN useradd --uid 10001 --create-home crossmatrix && mkdir -p /data/files /data/orders && chown -R crossmatrix /data
COPY --from=build /venv /venv
COPY --from=build --chown=crossmatrix /app /app
COPY --from=build --chown=crossmatrix /data /data
WORKDIR /app
USER crossmatrix
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 CROSSMATRIX_HOME=/data
VOLUME ["/data/files", "/data/orders"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD python -c "import os, urllib.request as u; host = os.environ.get('ALLOWED_HOSTS', '').split(',')[0].strip(' .*') or 'localhost'; u.urlopen(u.Request('http://127.0.0.1:8000/api/health', headers={'Host': host, 'X-Forwarded-Proto': 'https'}), timeout=4)"
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "crossmatrix.wsgi:application"]
