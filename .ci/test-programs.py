"""From cargo's messages on stdin: the folder and the path of each test program of these packages."""

import json
import os
import sys

wanted = set(sys.argv[1:])
found = []
for line in sys.stdin:
    message = json.loads(line)
    if message.get("reason") != "compiler-artifact" or not message.get("executable"):
        continue
    folder = os.path.dirname(message["manifest_path"])
    if message["profile"]["test"] and os.path.basename(folder) in wanted:
        if "bench" not in message["target"]["kind"]:
            found.append((folder, message["executable"]))
missing = wanted - {os.path.basename(folder) for folder, _ in found}
if missing:
    sys.exit(f"no test programs of {', '.join(sorted(missing))}: does the workspace build?")
for folder, program in found:
    print(folder, program)
