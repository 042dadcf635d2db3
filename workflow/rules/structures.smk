# Structures: random methane for every figure, generated, downloaded, or from a file of the user's.


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
