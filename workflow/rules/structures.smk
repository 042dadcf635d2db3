# Structures: random methane for every figure, generated, downloaded, or from a file of the user's.


def structures(name):
    """The settings of a set of structures."""
    if name not in config["structures"]:
        raise WorkflowError(
            f"There is no set of structures `{name}`; name it in the section `structures` of the "
            f"configuration beside {', '.join(config['structures'])}."
        )
    return config["structures"][name]


def archive(wildcards):
    """The file a set of structures is taken from, if there is one on disk."""
    settings = structures(wildcards.set)
    if settings["source"] == "path":
        return [settings["path"]]
    if settings["source"] == "download" and settings.get("whole_file", True):
        return [f"results/downloads/{wildcards.set}.extxyz.gz"]
    return []


def structure_options(wildcards, input):
    """The options of prepare_structures.py that say where a set comes from."""
    settings = structures(wildcards.set)
    options = ["--count", settings["count"], "--seed", settings["seed"]]
    if settings["source"] == "generate":
        options += ["--generate", "--radius", settings["radius"]]
        options += ["--min-distance", settings["min_distance"]]
    else:
        options += ["--select", settings.get("select", "first")]
        options += ["--path", input.archive] if input.archive else ["--stream", *settings["urls"]]
    return options


rule download_structures:
    """Fetch a whole data set, continuing what an earlier attempt left, and check its md5."""
    input:
        **code("download_structures", "datasets", "errors"),
    output:
        "results/downloads/{set}.extxyz.gz",
    log:
        "results/logs/download_structures/{set}.log",
    benchmark:
        "results/logs/download_structures/{set}.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=500,
        runtime=240,
    params:
        urls=lambda wildcards: structures(wildcards.set)["urls"],
        md5=lambda wildcards: structures(wildcards.set)["md5"],
    shell:
        "python {input.script} --url {params.urls:q} --md5 {params.md5} --output {output}"
        " 2> >(tee {log} >&2)"


rule prepare_structures:
    """Write the first or a random selection of structures, and where they come from."""
    input:
        **code("prepare_structures", "datasets", "errors", "tables"),
        archive=archive,
    output:
        structures="results/structures/{set}.xyz",
        provenance="results/structures/{set}.json",
    log:
        "results/logs/prepare_structures/{set}.log",
    benchmark:
        "results/logs/prepare_structures/{set}.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=60,
    params:
        options=structure_options,
    shell:
        "python {input.script} {params.options:q}"
        " --output {output.structures} --provenance {output.provenance}"
        " 2> >(tee {log} >&2)"
