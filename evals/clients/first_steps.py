"""What a new user does first: ask in words, open a receipt, replay, and get the same over REST.

Runs beside a server with the demo records: `scripts/with-server python3 evals/clients/first_steps.py`.
"""

import json
import os
import subprocess
import urllib.request

BASE = os.environ["QM_URL"]
PROGRAM = os.environ["QM_BIN"]


def call(path: str, body: dict | None = None, accept: str = "application/json") -> str:
    headers = {"Content-Type": "application/json", "Accept": accept}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data, headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.read().decode()


def expect(holds: bool, text: str) -> None:
    if not holds:
        raise SystemExit(f"first_steps: {text}")


def same_number_everywhere() -> None:
    answer = json.loads(call("/copilot", {"message": "which machines do we have?"}))
    print(f"  {answer['answer'][:160]}")
    expect(answer["citations"] != [], "the answer cites nothing")
    result = answer["results"][0]
    for citation in answer["citations"]:
        path = urllib.request.quote(citation["path"])
        receipt = json.loads(call(f"{citation['receipt']}?path={path}"))
        expect("value" in receipt, f"`{citation['text']}` leads nowhere")
    over_rest = json.loads(call(f"/api/v1/tools/{result['tool']}", result["arguments"]))
    expect(over_rest == result["output"], "REST gives another output than the copilot")
    run = answer["metadata"]["runId"]
    expect(json.loads(call(f"/copilot/runs/{run}/replay"))["identical"], "the replay differs")
    said = subprocess.run(
        [PROGRAM, "ask", "--url", BASE, "--json", "which machines do we have?"],
        check=True, capture_output=True, text=True,
    ).stdout
    expect(json.loads(said)["answer"] == answer["answer"], "the terminal gives another answer")


def streams_resume() -> None:
    def frames(text: str) -> list[str]:
        return [it for it in text.split("\n\n") if it.startswith("id:") or "\ndata:" in it]

    whole = call("/copilot", {"message": "which machines do we have?"}, "text/event-stream")
    started = next(json.loads(it[5:]) for it in whole.splitlines() if it.startswith("data:"))
    after = call(f"/copilot/runs/{started['runId']}/events?after=2", accept="text/event-stream")
    expect(frames(whole)[2:] == frames(after), "a resumed stream has other frames")
    print(f"  {len(frames(whole))} frames streamed, {len(frames(after))} again after the second")


def small_talk_is_not_an_answer() -> None:
    answer = json.loads(call("/copilot", {"message": "what is the capital of Australia"}))
    expect(answer["results"] == [], "a tool was called for what no tool knows")


if __name__ == "__main__":
    for page in ("/health/ready", "/metrics", "/api/docs", "/api/openapi.json"):
        expect(call(page, accept="*/*") != "", f"`{page}` is empty")
    same_number_everywhere()
    streams_resume()
    small_talk_is_not_an_answer()
