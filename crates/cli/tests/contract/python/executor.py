"""A Mesos executor: runs the data of each task as a shell command, any number of them at a time."""

import base64
import http.client
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid

import mesos_http

AGENT = "http://" + os.environ["MESOS_AGENT_ENDPOINT"]
IDS = {
    "framework_id": {"value": os.environ["MESOS_FRAMEWORK_ID"]},
    "executor_id": {"value": os.environ["MESOS_EXECUTOR_ID"]},
}
HEADERS = {}
if "MESOS_EXECUTOR_AUTHENTICATION_TOKEN" in os.environ:
    HEADERS["Authorization"] = "Bearer " + os.environ["MESOS_EXECUTOR_AUTHENTICATION_TOKEN"]


class Executor:
    def __init__(self):
        self.lock = threading.Lock()
        self.tasks = {}
        self.updates = {}
        self.processes = {}
        self.killed = set()

    def call(self, kind, **parts):
        mesos_http.post(AGENT, "/api/v1/executor", {"type": kind, **IDS, **parts}, HEADERS)

    def update(self, task_id, state, message=""):
        status = {
            "task_id": {"value": task_id},
            "state": state,
            "source": "SOURCE_EXECUTOR",
            "executor_id": IDS["executor_id"],
            "timestamp": time.time(),
            "message": message,
            "uuid": base64.b64encode(uuid.uuid4().bytes).decode(),
        }
        with self.lock:
            self.updates[status["uuid"]] = {"status": status}
        try:
            self.call("UPDATE", update={"status": status})
        except (OSError, http.client.HTTPException):
            # The agent is away; the update is told again in the next SUBSCRIBE.
            pass

    def launch(self, task):
        task_id = task["task_id"]["value"]
        command = base64.b64decode(task["data"]).decode()
        with self.lock:
            self.tasks[task_id] = task
        process = subprocess.Popen(["/bin/sh", "-c", command], start_new_session=True)
        with self.lock:
            self.processes[task_id] = process
        self.update(task_id, "TASK_RUNNING")
        status = process.wait()
        if task_id in self.killed:
            self.update(task_id, "TASK_KILLED", f"ended with {status}")
        elif status == 0:
            self.update(task_id, "TASK_FINISHED")
        else:
            self.update(task_id, "TASK_FAILED", f"ended with {status}")

    def kill(self, task_id):
        with self.lock:
            process = self.processes.get(task_id)
        if process is not None and process.poll() is None:
            self.killed.add(task_id)
            self.update(task_id, "TASK_KILLING")
            os.killpg(process.pid, signal.SIGTERM)

    def received(self, event):
        kind = event["type"]
        if kind == "LAUNCH":
            threading.Thread(target=self.launch, args=(event["launch"]["task"],)).start()
        elif kind == "LAUNCH_GROUP":
            for task in event["launch_group"]["task_group"]["tasks"]:
                threading.Thread(target=self.launch, args=(task,)).start()
        elif kind == "KILL":
            self.kill(event["kill"]["task_id"]["value"])
        elif kind == "ACKNOWLEDGED":
            with self.lock:
                self.updates.pop(event["acknowledged"]["uuid"], None)
                self.tasks.pop(event["acknowledged"]["task_id"]["value"], None)
        elif kind == "MESSAGE":
            data = base64.b64decode(event["message"]["data"])
            self.call("MESSAGE", message={"data": base64.b64encode(b"heard: " + data).decode()})
        elif kind == "ERROR":
            sys.exit("error: " + event["error"]["message"])
        elif kind == "SHUTDOWN":
            for task_id in list(self.processes):
                self.kill(task_id)
            time.sleep(0.5)
            os._exit(0)

    def run(self):
        deadline = None
        while True:
            with self.lock:
                subscribe = {
                    "unacknowledged_tasks": list(self.tasks.values()),
                    "unacknowledged_updates": list(self.updates.values()),
                }
            message = {"type": "SUBSCRIBE", **IDS, "subscribe": subscribe}
            try:
                stream = mesos_http.Stream(AGENT, "/api/v1/executor", message, HEADERS)
                deadline = None
                for event in stream.events():
                    self.received(event)
            except (OSError, http.client.HTTPException, mesos_http.Refused):
                pass
            if os.environ.get("MESOS_CHECKPOINT") != "1":
                os._exit(1)
            # Documented as MESOS_RECOVERY_TIMEOUT, "15mins" and the like; here long enough for a test.
            deadline = deadline or time.time() + 60
            if time.time() > deadline:
                os._exit(1)
            time.sleep(random.uniform(0, 0.5))


if __name__ == "__main__":
    Executor().run()
