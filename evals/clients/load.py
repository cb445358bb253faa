"""Whole local turns over HTTP, as a load: how many a second, and how long each takes.

    load.py http://127.0.0.1:8080 [--clients 1,4,16] [--seconds 10] [--question TEXT]

Only the standard library; connections are kept alive. Every answer is checked to be one.
"""

import argparse
import http.client
import json
import statistics
import threading
import time
from urllib.parse import urlsplit


def turns(address: str, body: bytes, until: float, took: list[float], wrong: list[str]) -> None:
    connection = http.client.HTTPConnection(address, timeout=30)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    while time.perf_counter() < until:
        began = time.perf_counter()
        connection.request("POST", "/copilot", body, headers)
        response = connection.getresponse()
        answer = response.read()
        took.append(time.perf_counter() - began)
        if response.status != 200 or not json.loads(answer).get("answer"):
            wrong.append(f"{response.status}: {answer[:200]!r}")
            if len(wrong) > 5:
                return
    connection.close()


def percentile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))] * 1000


def round_of(address: str, body: bytes, clients: int, seconds: float) -> None:
    took: list[float] = []
    wrong: list[str] = []
    began = time.perf_counter()
    threads = [
        threading.Thread(target=turns, args=(address, body, began + seconds, took, wrong))
        for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - began
    if wrong or not took:
        raise SystemExit(f"load: {len(wrong)} wrong answers, first: {wrong[:1]}")
    took.sort()
    print(
        f"{clients:3d} clients: {len(took) / elapsed:7.0f} turns/s   "
        f"p50 {statistics.median(took) * 1000:7.2f} ms   p95 {percentile(took, 0.95):7.2f} ms   "
        f"p99 {percentile(took, 0.99):7.2f} ms   n={len(took)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--clients", default="1,4,16")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--question", default="show me the planogram of VM-001")
    parser.add_argument("--warm-up", type=float, default=1)
    given = parser.parse_args()
    address = urlsplit(given.url).netloc
    body = json.dumps({"message": given.question}).encode()
    turns(address, body, time.perf_counter() + given.warm_up, [], [])
    for clients in given.clients.split(","):
        round_of(address, body, int(clients), given.seconds)


if __name__ == "__main__":
    main()
