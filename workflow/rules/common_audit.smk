# What the rules of the audit share: data sets, their representations, and the files of each.
from descriptor_sensitivity.store import file_digest


def audit_settings(*keys):
    """A value in the section `audit` of the configuration."""
    found = config["audit"]
    for key in keys:
        found = found[key]
    return found


def dataset_file(wildcards):
    """The file of a data set: the user's own, or a set of the section `structures`."""
    settings = audit_settings("datasets", wildcards.dataset)
    if "structures" in settings:
        return f"results/structures/{settings['structures']}.xyz"
    return located(settings["path"])


def audited(dataset):
    """The names of the representations a data set is audited for."""
    return audit_settings("datasets", dataset).get("descriptors", audit_settings("descriptors"))


def audited_descriptor(wildcards):
    """The settings of a representation."""
    return config["descriptors"][wildcards.representation]


def companion_density(wildcards):
    """The density a representation is compared with: its own, or the first one in the section.

    It sees the environments that the representation sees: the cutoff is the representation's.
    """
    own = audited_descriptor(wildcards)
    if own["kind"] == "density":
        return own
    every = config["descriptors"].values()
    densities = [settings for settings in every if settings["kind"] == "density"]
    return {**densities[0], "cutoff": own["cutoff"]}


def audited_potentials(dataset):
    """Those of them that are layers of machine-learned potentials."""
    return [name for name in audited(dataset) if config["descriptors"][name]["kind"] == "mlip"]


def chunks_of(pattern, names=audited):
    """The pieces of every chunk of a data set, known once it has been cut.

    `names` gives the representations whose pieces are meant where the job has none of its own.
    """

    def files(wildcards):
        written = checkpoints.split_dataset.get(dataset=wildcards.dataset).output.frames
        count = json.loads(Path(written).read_text())["n_chunks"]
        return expand(
            pattern,
            dataset=wildcards.dataset,
            representation=getattr(wildcards, "representation", None) or names(wildcards.dataset),
            chunk=[f"{number:06d}" for number in range(count)],
        )

    return files


def center_species(dataset):
    """The species that a data set is centred on; None for every atom."""
    return audit_settings("datasets", dataset).get("center_species")


def audit_job(wildcards):
    """What jobs of one data set and representation may depend on."""
    return {
        "name": wildcards.representation,
        "descriptor": audited_descriptor(wildcards),
        "density": companion_density(wildcards),
        "center_species": center_species(wildcards.dataset),
    }


def estimate(input):
    """What the rule `estimate_cost` found."""
    return json.loads(Path(input.cost).read_text())


def estimated_memory(wildcards, input, attempt):
    """Memory of a job of an audit, more in each attempt."""
    return max(1000, estimate(input)["mem_mb"]) * attempt


def estimated_minutes(wildcards, input, attempt):
    """Time of a job of an audit: four times the estimate for a slow machine and the diagnosis."""
    return max(60, round(4 * estimate(input)["chunk_seconds"] / 60)) * attempt


def audit_viewers(dataset):
    """The chemiscope files of a data set, in the order of its representations."""
    return [
        f"results/chemiscope/audit_{dataset}_{representation}.json.gz"
        for representation in audited(dataset)
    ]


def force_tables(dataset):
    """What was found of the forces of a data set, where potentials are audited on it."""
    folder = f"results/audit/{dataset}"
    tables = [f"{folder}/forces.csv", f"{folder}/forces_summary.csv"]
    return tables if audited_potentials(dataset) else []


AUDIT_PAGES = [f"results/audit/{dataset}/index.html" for dataset in DATASETS]


def computed_advice(dataset):
    """A hash of the advice on a data set, if it has been computed."""
    file = Path(f"results/audit/{dataset}/advice.csv")
    return file_digest(file) if file.exists() else ""


def audit_again(dataset):
    """The configuration that gives the audit of one data set again."""
    names = audited(dataset)
    own = {**audit_settings("datasets", dataset), "descriptors": names}
    shared = {key: value for key, value in audit_settings().items() if key not in NOT_SHOWN}
    return {
        "dataset": dataset,
        "descriptors": {name: config["descriptors"][name] for name in names},
        "audit": {"datasets": {dataset: own}, **shared},
    }


NOT_SHOWN = ("datasets", "descriptors", "advice")


def audit_code(script, compared=False):
    """The fingerprint of a script, of the audited descriptor and of what it is compared with."""

    def found(wildcards):
        kind = audited_descriptor(wildcards)["kind"]
        return code(script, [kind, "density"] if compared else [kind])

    return found
