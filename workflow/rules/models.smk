# Machine-learned potentials under the same lens: fig_models. Their libraries exclude one another, so
# each works in a Python of its own; rows of one that is not there are shipped.


rule models:
    """What machine-learned potentials see, layer by layer."""
    input:
        figures("fig_models"),
        expand("results/zoo/potentials/{models}.csv", models=POTENTIAL_LIBRARIES),


rule compare_models:
    """Singular values and separation of degenerate pairs for each layer of a library's models."""
    input:
        shipped=lambda wildcards: shipped_rows(wildcards.models),
        files=lambda wildcards: model_files(*potentials(wildcards.models).values()),
    output:
        "results/models/{models}.csv",
    log:
        "results/logs/compare_models_{models}.log",
    benchmark:
        "results/logs/compare_models_{models}.tsv"
    conda:
        lambda wildcards: environment(
            "network" if wildcards.models == "module" else f"models/{wildcards.models}"
        )
    threads: 1
    resources:
        mem_mb=memory(3000),
        runtime=minutes(30),
    params:
        code=code("compare_models", kinds=["mlip"]),
        settings=lambda wildcards: confronted(wildcards.models),
        shipped=lambda wildcards, input: f"--shipped {input.shipped}" if input.shipped else "",
    shell:
        'python "$SCRIPTS"/compare_models.py --settings {params.settings:q} {params.shipped}'
        " --table {output} 2> >(tee {log} >&2)"


rule merge_models:
    """The potentials of all libraries in one table."""
    input:
        expand("results/models/{models}.csv", models=POTENTIAL_LIBRARIES),
    output:
        "results/tables/models.csv",
    log:
        "results/logs/merge_models.log",
    localrule: True
    conda:
        environment("density")
    params:
        code=code("merge_models"),
        settings=settings({"names": list(POTENTIALS)}),
    shell:
        'python "$SCRIPTS"/merge_models.py {input} --settings {params.settings:q}'
        " --table {output} 2> >(tee {log} >&2)"
