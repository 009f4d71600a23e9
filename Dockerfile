# Shelfwise without a GPU: the app with its worker, or any command of `python -m core`. Needs BuildKit, Docker's default.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    NUMBA_CACHE_DIR=/tmp/numba \
    OMP_WAIT_POLICY=PASSIVE \
    SHELFWISE_HOME=/workspace

WORKDIR /app

# Dependencies first: they change seldom. PyTorch's own index has the wheels without CUDA, a tenth of the size.
COPY requirements.txt constraints.txt ./
RUN sed '/^# Tests and checks/,$d' requirements.txt > runtime.txt \
    && pip install -r runtime.txt -c constraints.txt --extra-index-url https://download.pytorch.org/whl/cpu \
    && rm runtime.txt

COPY app.py ./
COPY .streamlit ./.streamlit
COPY core ./core
COPY db ./db
COPY pages ./pages

RUN useradd --uid 10001 --create-home shelfwise \
    && mkdir /workspace \
    && chown shelfwise:shelfwise /workspace
USER shelfwise
VOLUME /workspace
EXPOSE 8501

# Streamlit answers `ok` once it serves. The services of compose.yaml that are no app switch this off.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]

CMD ["streamlit", "run", "app.py", "--server.address", "0.0.0.0", "--server.port", "8501"]
