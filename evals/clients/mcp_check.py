"""List and call every tool with the Python MCP client, in both eras of the protocol.

    mcp_check.py --tools tools.json http://127.0.0.1:8080/mcp
    mcp_check.py --tools tools.json -- quartermaster mcp --data DIR

`tools.json` is what `GET /api/v1/tools` answers: it has each tool's example. Reads must answer with
content that fits their schema (the client checks it). Writes must ask a person: the first tool that
only adds is confirmed, the others are declined.
"""

import argparse
import asyncio
import json
import sys

from mcp import Client, StdioServerParameters, types


class Person:
    """Answers confirmations, and counts them."""

    def __init__(self) -> None:
        self.says_yes = False
        self.asked = 0

    async def __call__(self, _context, params):
        self.asked += 1
        if "confirm" not in json.dumps(params.requested_schema):
            raise SystemExit(f"a form without `confirm`: {params}")
        return types.ElicitResult(action="accept", content={"confirm": self.says_yes})


def expect(holds: bool, text: str) -> None:
    if not holds:
        raise SystemExit(f"mcp_check: {text}")


async def check(server, mode: str, tools: list[dict]) -> None:
    person = Person()
    confirmed = None
    async with Client(server, mode=mode, elicitation_callback=person) as client:
        listed = {it.name: it for it in (await client.list_tools()).tools}
        expect(listed.keys() == {it["name"] for it in tools}, f"other tools are listed: {sorted(listed)}")
        for tool in tools:
            name, writes = tool["name"], tool["effect"] != "read"
            expect(listed[name].annotations.read_only_hint is not writes, f"`{name}`: wrong readOnlyHint")
            person.says_yes = confirmed is None and tool["effect"] == "add"
            before = person.asked
            result = await client.call_tool(name, tool["example"])
            said = result.content[0].text if result.content else ""
            expect(not result.is_error, f"`{name}` failed: {said}")
            expect(bool(said.strip()), f"`{name}` says nothing in words")
            expect(result.structured_content is not None, f"`{name}` has no structured content")
            expect(person.asked - before == int(writes), f"`{name}` asked {person.asked - before} times")
            if person.says_yes:
                confirmed = name
            elif writes:
                expect("othing was written" in said, f"`{name}` was declined and says: {said}")
        wrong = await client.call_tool(tools[0]["name"], {"no_such_argument": 1})
        expect(wrong.is_error, "an argument that does not exist was accepted")
        writes = sum(it["effect"] != "read" for it in tools)
        print(f"  python mcp, {mode} -> {client.protocol_version}: {len(tools)} tools listed and called, "
              f"{writes} writes asked about, kept: {confirmed}")

    async with Client(server, mode=mode) as silent:
        for tool in (it for it in tools if it["effect"] != "read"):
            result = await silent.call_tool(tool["name"], tool["example"])
            expect(not result.is_error, f"`{tool['name']}` failed without a person to ask")
            expect((result.structured_content or {}).get("status") == "held", f"`{tool['name']}` was not held")


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tools", required=True)
    parser.add_argument("server", nargs="+")
    given = parser.parse_args()
    with open(given.tools, encoding="utf-8") as file:
        tools = json.load(file)["tools"]
    expect(len(tools) > 0, "there are no tools")
    server = given.server[0]
    if not server.startswith("http"):
        server = StdioServerParameters(command=server, args=given.server[1:])
    for mode in ("auto", "legacy"):
        await check(server, mode, tools)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
