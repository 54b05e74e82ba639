"""An executor of a framework's own, as its authors would write one: plain HTTP, JSON and RecordIO.

Runs any number of tasks as entries of a dictionary. A task named `slow…` takes a second to end, one
named `deaf…` does not react to KILL at all. Writes a line to the file $EVENTS for each thing it is told.
"""

import base64
import http.client
import json
import os
import sys
import threading
import time
import uuid

HOST = os.environ["MESOS_AGENT_ENDPOINT"]
FRAMEWORK = os.environ["MESOS_FRAMEWORK_ID"]
EXECUTOR = os.environ["MESOS_EXECUTOR_ID"]
TOKEN = os.environ.get("MESOS_EXECUTOR_AUTHENTICATION_TOKEN")

lock = threading.Lock()
tasks = {}
unacknowledged = {}


def note(line):
    with open(os.environ["EVENTS"], "a") as events:
        events.write(line + "\n")


def call(kind, **parts):
    return {
        "type": kind,
        "framework_id": {"value": FRAMEWORK},
        "executor_id": {"value": EXECUTOR},
        **parts,
    }


def post(message, stream=False):
    connection = http.client.HTTPConnection(HOST)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if TOKEN:
        headers["Authorization"] = "Bearer " + TOKEN
    connection.request("POST", "/api/v1/executor", json.dumps(message), headers)
    answer = connection.getresponse()
    if stream and answer.status == 200:
        return answer
    text = answer.read().decode()
    if answer.status not in (200, 202):
        raise OSError(f"{message['type']}: {answer.status} {text}")
    return None


def update(task, state):
    status = {
        "task_id": {"value": task},
        "state": state,
        "source": "SOURCE_EXECUTOR",
        "executor_id": {"value": EXECUTOR},
        "timestamp": time.time(),
        "uuid": base64.b64encode(uuid.uuid4().bytes).decode(),
    }
    with lock:
        unacknowledged[status["uuid"]] = status
    try:
        post(call("UPDATE", update={"status": status}))
    except OSError as error:
        # It is repeated at the next subscription.
        note(f"update failed: {error}")


def end(task):
    if task.startswith("slow"):
        update(task, "TASK_KILLING")
        time.sleep(1)
    with lock:
        tasks.pop(task, None)
    update(task, "TASK_KILLED")


def records(answer):
    while True:
        size = b""
        while not size.endswith(b"\n"):
            byte = answer.read(1)
            if not byte:
                return
            size += byte
        yield json.loads(answer.read(int(size)))


def take(event):
    kind = event["type"]
    if kind == "LAUNCH":
        task = event["launch"]["task"]
        name = task["task_id"]["value"]
        note(f"LAUNCH {name}")
        with lock:
            tasks[name] = task
        update(name, "TASK_RUNNING")
    elif kind == "KILL":
        name = event["kill"]["task_id"]["value"]
        grace = event["kill"].get("kill_policy", {}).get("grace_period", {}).get("nanoseconds")
        note(f"KILL {name} {grace}")
        if name in tasks and not name.startswith("deaf"):
            threading.Thread(target=end, args=(name,)).start()
    elif kind == "ACKNOWLEDGED":
        with lock:
            unacknowledged.pop(event["acknowledged"]["uuid"], None)
    elif kind == "SHUTDOWN":
        note("SHUTDOWN")
        os._exit(0)
    else:
        note(kind)


def subscribe():
    with lock:
        parts = {
            "unacknowledged_tasks": list(tasks.values()),
            "unacknowledged_updates": [{"status": s} for s in unacknowledged.values()],
        }
    answer = post(call("SUBSCRIBE", subscribe=parts), stream=True)
    for event in records(answer):
        take(event)


def main():
    while True:
        try:
            subscribe()
            note("CLOSED")
        except (OSError, http.client.HTTPException) as error:
            note(f"subscription failed: {error}")
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
