"""Checks compose.yaml and the manifests of deploy/: they parse, fit Kubernetes' schemas, and keep their promises."""

import pathlib
import re
import sys

import kubernetes_validate
import yaml

KUBERNETES = "1.34"
HARDENED = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}
# Their schemas are the operator's, which no registry of packages has.
OPERATOR = "postgresql.cnpg.io/v1"


def fail_unless(condition, sentence):
    if not condition:
        sys.exit(f"tests/deploy: {sentence}")


def documents(file):
    # The words between @ signs of a template stand for names, paths and numbers.
    text = re.sub(r"@([A-Z_]+)@", r"\1", file.read_text())
    return [document for document in yaml.safe_load_all(text) if document]


def check_compose(file):
    (compose,) = documents(file)
    services = compose["services"]
    counts = {word: sum(name.startswith(word) for name in services) for word in ("app", "n", "etcd", "haproxy")}
    fail_unless(counts == {"app": 2, "n": 3, "etcd": 3, "haproxy": 1}, f"{file} has the services {sorted(services)}")
    for name, service in services.items():
        for key, value in HARDENED.items():
            fail_unless(service.get(key) == value, f"{file}: {name} has no {key}: {value}")
        fail_unless("mem_limit" in service and "pids_limit" in service, f"{file}: {name} has no bounds")
        fail_unless(name == "haproxy" or "ports" not in service, f"{file}: {name} has a port outside")
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            found = (file.parent / source).exists() if source.startswith(".") else source in compose["volumes"]
            fail_unless(found, f"{file}: {name} mounts {source}, which is not there")
        build = service.get("build")
        fail_unless(not build or (file.parent / build / "Dockerfile").exists(), f"{file}: {name} builds {build}")
    for variable, default in re.findall(r"\$\{(\w+)(.?.?)", file.read_text()):
        fail_unless(default == ":?", f"{file}: {variable} has a default")


def check_manifests(folder):
    kinds = {}
    for file in sorted(folder.glob("*.yaml")):
        for document in documents(file):
            kinds[document["kind"]] = document
            if document["apiVersion"] != OPERATOR:
                kubernetes_validate.validate(document, KUBERNETES, strict=True)
    replication = kinds["Cluster"]["spec"]["postgresql"]["synchronous"]
    wanted = {"method": "any", "number": 1, "dataDurability": "required", "failoverQuorum": True}
    fail_unless(replication == wanted, f"{folder}: the cluster replicates by {replication}")
    pod = kinds["Deployment"]["spec"]["template"]["spec"]
    probes = {"startupProbe", "readinessProbe", "livenessProbe"}
    fail_unless(probes <= pod["containers"][0].keys(), f"{folder}: the service lacks a probe")
    fail_unless("topologySpreadConstraints" in pod, f"{folder}: the service is not spread")
    replicas, least = kinds["Deployment"]["spec"]["replicas"], kinds["PodDisruptionBudget"]["spec"]["minAvailable"]
    fail_unless(least < replicas, f"{folder}: no pod may ever be drained")


def main():
    deploy = pathlib.Path(sys.argv[1])
    files = [*deploy.rglob("*.yaml"), *deploy.rglob("*.yml")]
    fail_unless(len(files) >= 6, f"only {len(files)} files are found")
    for file in files:
        documents(file)
    check_compose(deploy / "cluster/compose.yaml")
    check_manifests(deploy / "kubernetes")
    print(f"tests/deploy: {len(files)} files parse; compose.yaml and the manifests pass")


main()
