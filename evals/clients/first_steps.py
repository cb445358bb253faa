"""What a new user does first: ask in words, open a receipt, replay, and get the same over REST.

Runs beside a server with the demo records: `scripts/with-server python3 evals/clients/first_steps.py`.
"""

import json
import os
import re
import subprocess
import urllib.request

BASE = os.environ["QM_URL"]
PROGRAM = os.environ["QM_BIN"]
README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../README.md")


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


def the_readme_tells_the_truth() -> None:
    """Its questions get its answers; figures of the vending demo vary with the date."""
    with open(README, encoding="utf-8") as file:
        shown = re.findall(r'^\$ quartermaster ask .*"(.+)"\n((?:(?!```).+\n)+)', file.read(), re.M)
    expect(len(shown) >= 3, "the README has fewer than three questions")
    for question, printed in shown:
        promised = " ".join(re.sub(r"\[\d+\]", "", printed).split())
        answer = json.loads(call("/copilot", {"message": question}))
        said = " ".join(answer["answer"].split())
        if "$" in promised:
            promised = re.split(r"\d", promised)[0]
        expect(said.startswith(promised), f"`{question}` is answered with: {said}")
        expect(answer["citations"] != [], f"`{question}` is answered without citations")
        print(f"  as promised: {question}")


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
    the_readme_tells_the_truth()
    streams_resume()
    small_talk_is_not_an_answer()
