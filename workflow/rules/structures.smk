# Structures: random methane for every figure, generated, downloaded, or from a file of the user's.


rule download_structures:
    """Fetch a whole data set, continuing what an earlier attempt left, and check its md5."""
    output:
        "results/downloads/{set}.extxyz.gz",
    log:
        "results/logs/download_structures/{set}.log",
    localrule: True
    conda:
        environment("density")
    params:
        code=code("download_structures"),
        settings=lambda wildcards: settings(structures(wildcards.set), only=["urls", "md5"]),
    shell:
        'python "$SCRIPTS"/download_structures.py --settings {params.settings:q} --output {output}'
        " 2> >(tee {log} >&2)"


rule prepare_structures:
    """Write the first or a random selection of structures, and where they come from."""
    input:
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
        code=code("prepare_structures"),
        options=structure_options,
    shell:
        "python {scripts}/prepare_structures.py {params.options:q}"
        " --output {output.structures} --provenance {output.provenance}"
        " 2> >(tee {log} >&2)"
