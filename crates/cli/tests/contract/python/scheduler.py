"""A Mesos scheduler, and what an operator does to the node below it.

usage: scheduler.py <scenario> <url of the master>

Each scenario runs tasks, drains the agent they are on, and exits with 0 if everything was as documented.
"""

import base64
import os
import queue
import sys
import threading
import time

import mesos_http
from mesos_http import operator

PATIENCE = 40
TERMINAL = {
    "TASK_FINISHED", "TASK_FAILED", "TASK_KILLED", "TASK_ERROR", "TASK_LOST", "TASK_DROPPED", "TASK_GONE",
    "TASK_GONE_BY_OPERATOR",
}


def resources(cpus=0.1, mem=32, disk=0):
    amounts = {"cpus": cpus, "mem": mem, "disk": disk}
    return [
        {"name": name, "type": "SCALAR", "scalar": {"value": amount}} for name, amount in amounts.items() if amount
    ]


class Scheduler:
    """Subscribed in the background; updates are acknowledged as they come."""

    def __init__(self, master, name, framework_id=None):
        self.master = master
        info = {
            "user": "root",
            "name": name,
            "roles": ["python"],
            "checkpoint": True,
            "failover_timeout": 600.0,
            "capabilities": [
                {"type": "MULTI_ROLE"},
                {"type": "PARTITION_AWARE"},
                {"type": "TASK_KILLING_STATE"},
            ],
        }
        message = {"type": "SUBSCRIBE", "subscribe": {"framework_info": info}}
        if framework_id:
            info["id"] = message["framework_id"] = {"value": framework_id}
        self.stream = mesos_http.Stream(master, "/api/v1/scheduler", message)
        self.stream_id = self.stream.header("Mesos-Stream-Id")
        self.told = queue.Queue()
        self.offers = {}
        self.statuses = []
        self.messages = []
        self.events = self.stream.events()
        first = next(self.events)
        assert first["type"] == "SUBSCRIBED", first
        self.framework_id = first["subscribed"]["framework_id"]["value"]
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        try:
            for event in self.events:
                self.told.put(event)
        except (OSError, ValueError, AttributeError):
            # Closed by ourselves.
            pass

    def call(self, kind, **parts):
        message = {"type": kind, "framework_id": {"value": self.framework_id}, **parts}
        return mesos_http.post(
            self.master, "/api/v1/scheduler", message, {"Mesos-Stream-Id": self.stream_id}
        )

    def take(self, event):
        kind = event["type"]
        if kind == "OFFERS":
            for offer in event["offers"]["offers"]:
                self.offers[offer["id"]["value"]] = offer
        elif kind == "RESCIND":
            self.offers.pop(event["rescind"]["offer_id"]["value"], None)
        elif kind == "UPDATE":
            status = event["update"]["status"]
            print(status["task_id"]["value"], status["state"], status.get("reason"), status.get("message"))
            self.statuses.append(status)
            # Only updates that have a uuid are to be acknowledged.
            if "uuid" in status:
                acknowledge = {name: status[name] for name in ("agent_id", "task_id", "uuid")}
                self.call("ACKNOWLEDGE", acknowledge=acknowledge)
        elif kind == "MESSAGE":
            self.messages.append(base64.b64decode(event["message"]["data"]))
        elif kind == "ERROR":
            raise AssertionError(event["error"]["message"])

    def until(self, what, look):
        """Takes events until there is something to be found."""
        deadline = time.time() + PATIENCE
        while True:
            found = look()
            if found:
                return found
            left = deadline - time.time()
            assert left > 0, f"this did not happen: {what}"
            try:
                self.take(self.told.get(timeout=min(left, 1)))
            except queue.Empty:
                pass

    def offer(self):
        _, offer = self.until("an offer", lambda: self.offers and self.offers.popitem())
        return offer

    def accept(self, offer, operation):
        self.call(
            "ACCEPT",
            accept={
                "offer_ids": [offer["id"]],
                "operations": [operation],
                "filters": {"refuse_seconds": 0.1},
            },
        )

    def launch(self, offer, tasks):
        for task in tasks:
            task["agent_id"] = offer["agent_id"]
        self.accept(offer, {"type": "LAUNCH", "launch": {"task_infos": tasks}})

    def status(self, task_id, state, accept=lambda status: True):
        def look():
            for status in reversed(self.statuses):
                if status["task_id"]["value"] == task_id:
                    if status["state"] == state and accept(status):
                        return status
                    is_over = status["state"] in TERMINAL and state not in TERMINAL
                    assert not is_over, f"{task_id} was to be {state}: {status}"
            return None

        return self.until(f"{task_id} is {state}", look)

    def states(self, task_id):
        return [it["state"] for it in self.statuses if it["task_id"]["value"] == task_id]

    def stop(self):
        """As if the process had died: no TEARDOWN."""
        self.stream.close()

    def teardown(self):
        self.call("TEARDOWN")
        self.stop()


def command_task(task_id, command):
    return {
        "name": task_id,
        "task_id": {"value": task_id},
        "resources": resources(),
        "command": {"shell": True, "value": command},
    }


def drain(scheduler, agent_id, tasks):
    """An operator drains the agent; every task there ends as killed, because of the drain."""
    master = scheduler.master
    operator(
        master,
        "DRAIN_AGENT",
        drain_agent={"agent_id": agent_id, "max_grace_period": {"seconds": 10}, "mark_gone": False},
    )
    for task_id in tasks:
        killed = scheduler.status(task_id, "TASK_KILLED")
        assert killed["reason"] == "REASON_AGENT_DRAINING", killed

    def drained():
        agents = operator(master, "GET_AGENTS")["get_agents"]["agents"]
        agent = next(it for it in agents if it["agent_info"]["id"] == agent_id)
        assert agent["deactivated"], agent
        return agent["drain_info"]["state"] == "DRAINED"

    scheduler.until("the agent is DRAINED", drained)
    operator(master, "REACTIVATE_AGENT", reactivate_agent={"agent_id": agent_id})


def group(master):
    """Two tasks under the default executor live and end together."""
    scheduler = Scheduler(master, "a group")
    offer = scheduler.offer()
    executor = {
        "type": "DEFAULT",
        "executor_id": {"value": "pod"},
        "framework_id": {"value": scheduler.framework_id},
        "resources": resources(disk=32),
    }
    tasks = [command_task(name, "exec sleep 1000") for name in ("web", "sidecar")]
    for task in tasks:
        task["agent_id"] = offer["agent_id"]
    launch = {"executor": executor, "task_group": {"tasks": tasks}}
    scheduler.accept(offer, {"type": "LAUNCH_GROUP", "launch_group": launch})
    for name in ("web", "sidecar"):
        status = scheduler.status(name, "TASK_RUNNING")
        container = status["container_status"]["container_id"]
        assert container["parent"]["value"], "a task of a group is a nested container"
    drain(scheduler, offer["agent_id"], ["web", "sidecar"])
    scheduler.teardown()


def custom(master):
    """Several tasks of an executor of our own, in one process, and messages to it and back."""
    scheduler = Scheduler(master, "a custom executor")
    offer = scheduler.offer()
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "executor.py")
    executor = {
        "type": "CUSTOM",
        "executor_id": {"value": "python"},
        "framework_id": {"value": scheduler.framework_id},
        "name": "Python executor",
        "command": {"value": f"exec {sys.executable} -B {script}"},
        "resources": resources(mem=64),
    }

    def task(name, command):
        data = base64.b64encode(command.encode()).decode()
        return {
            "name": name,
            "task_id": {"value": name},
            "resources": resources(),
            "executor": executor,
            "data": data,
        }

    scheduler.launch(
        offer,
        [
            task("one", "exec sleep 1000"),
            task("two", "exec sleep 1000"),
            task("short", "exit 0"),
            task("wrong", "exit 3"),
        ],
    )
    for name in ("one", "two"):
        scheduler.status(name, "TASK_RUNNING")
    scheduler.status("short", "TASK_FINISHED")
    failed = scheduler.status("wrong", "TASK_FAILED")
    assert failed["message"] == "ended with 3", failed
    agent_id = offer["agent_id"]
    scheduler.call(
        "MESSAGE",
        message={
            "agent_id": agent_id,
            "executor_id": executor["executor_id"],
            "data": base64.b64encode(b"hello").decode(),
        },
    )
    scheduler.until("the executor's answer", lambda: scheduler.messages)
    assert scheduler.messages == [b"heard: hello"], scheduler.messages
    # One is killed by the scheduler, the other by the drain.
    scheduler.call("KILL", kill={"task_id": {"value": "one"}, "agent_id": agent_id})
    scheduler.status("one", "TASK_KILLED")
    assert scheduler.states("one") == ["TASK_RUNNING", "TASK_KILLING", "TASK_KILLED"], scheduler.states("one")
    assert "TASK_KILLED" not in scheduler.states("two")
    drain(scheduler, agent_id, ["two"])
    scheduler.teardown()


def failover(master):
    """Another process takes over the framework, and learns by reconciliation what there is."""
    first = Scheduler(master, "a failover")
    offer = first.offer()
    first.launch(offer, [command_task("lasting", "exec sleep 1000")])
    first.status("lasting", "TASK_RUNNING")
    first.stop()

    second = Scheduler(master, "a failover", first.framework_id)
    assert second.framework_id == first.framework_id
    assert second.stream_id != first.stream_id
    is_reconciled = lambda status: status.get("reason") == "REASON_RECONCILIATION"
    # Implicitly: everything.
    second.call("RECONCILE", reconcile={"tasks": []})
    status = second.status("lasting", "TASK_RUNNING", is_reconciled)
    assert "uuid" not in status, "an answer to a reconciliation is not acknowledged"
    # Explicitly: one that is there and one that nobody knows.
    second.statuses.clear()
    agent_id = offer["agent_id"]
    second.call(
        "RECONCILE",
        reconcile={
            "tasks": [
                {"task_id": {"value": "lasting"}, "agent_id": agent_id},
                {"task_id": {"value": "never"}, "agent_id": agent_id},
            ]
        },
    )
    second.status("lasting", "TASK_RUNNING", is_reconciled)
    second.status("never", "TASK_GONE", is_reconciled)
    # The stream before is over: its id counts no more.
    try:
        first.call("REVIVE")
        raise AssertionError("the old stream id was accepted")
    except mesos_http.Refused as refused:
        assert refused.status == 400, refused
    drain(second, agent_id, ["lasting"])
    second.teardown()


def health(master):
    """A health check finds a task healthy, and one that never is gets killed; a check reports a status."""
    scheduler = Scheduler(master, "health checks")
    offer = scheduler.offer()

    def checked(name, check):
        task = command_task(name, "exec sleep 1000")
        task["health_check"] = {
            "delay_seconds": 0.0,
            "interval_seconds": 0.2,
            "timeout_seconds": 5.0,
            "grace_period_seconds": 0.0,
            "consecutive_failures": 2,
            **check,
        }
        return task

    well = checked("well", {"type": "COMMAND", "command": {"value": "exit 0"}})
    sick = checked("sick", {"type": "COMMAND", "command": {"value": "exit 1"}})
    # Nobody listens there.
    silent = checked("silent", {"type": "TCP", "tcp": {"port": 1}})
    looked_at = command_task("looked at", "exec sleep 1000")
    looked_at["task_id"]["value"] = "looked-at"
    looked_at["check"] = {
        "type": "COMMAND",
        "command": {"command": {"value": "exit 7"}},
        "delay_seconds": 0.0,
        "interval_seconds": 0.2,
        "timeout_seconds": 5.0,
    }
    scheduler.launch(offer, [well, sick, silent, looked_at])
    scheduler.status("well", "TASK_RUNNING", lambda status: status.get("healthy") is True)
    for name in ("sick", "silent"):
        killed = scheduler.status(name, "TASK_KILLED")
        assert killed.get("healthy") is False, killed
    exit_code = lambda status: status.get("check_status", {}).get("command", {}).get("exit_code")
    scheduler.status("looked-at", "TASK_RUNNING", lambda status: exit_code(status) == 7)
    drain(scheduler, offer["agent_id"], ["well", "looked-at"])
    scheduler.teardown()


if __name__ == "__main__":
    scenarios = {"group": group, "custom": custom, "failover": failover, "health": health}
    scenarios[sys.argv[1]](sys.argv[2])
    print("as documented")
