# The zoo of counterexamples against the descriptors of every library and the layers of potentials:
# fig_zoo. A library that is not installed fills its rows with a sentence.


rule zoo:
    """Which descriptor is blind to which counterexample."""
    input:
        figures("fig_zoo"),
        multiext("results/tables/zoo", ".csv", ".md"),


rule confront_zoo:
    """The descriptors of one library at every entry of the zoo."""
    output:
        "results/zoo/{library}.csv",
    log:
        "results/logs/confront_zoo_{library}.log",
    benchmark:
        "results/logs/confront_zoo_{library}.tsv"
    conda:
        lambda wildcards: environment(
            "density"
            if wildcards.library in ("exact", "librascal")
            else f"peers/{wildcards.library}"
        )
    threads: 1
    resources:
        # The rows of ace-jax were seen to take 8.4 GB.
        mem_mb=lambda wildcards, attempt: memory(9000 if wildcards.library == "ace-jax" else 2000)(
            wildcards, attempt
        ),
        runtime=minutes(15),
    params:
        code=lambda wildcards: code(
            "confront_zoo",
            kinds=sorted({row["kind"] for row in PEERS[wildcards.library].values()}),
        ),
        settings=lambda wildcards: settings(
            {
                "library": wildcards.library,
                "descriptors": list(PEERS[wildcards.library].items()),  # in their order
            }
        ),
        installed=lambda wildcards: installed(wildcards.library),
    shell:
        'OMP_NUM_THREADS={threads} python "$SCRIPTS"/confront_zoo.py --settings {params.settings:q}'
        " --table {output} 2> >(tee {log} >&2)"


rule confront_zoo_with_potentials:
    """The layers of the potentials of a library at every entry of the zoo."""
    input:
        shipped=lambda wildcards: shipped_rows(f"zoo/{wildcards.models}"),
        files=lambda wildcards: model_files(*potentials(wildcards.models).values()),
    output:
        "results/zoo/potentials/{models}.csv",
    log:
        "results/logs/confront_zoo_with_{models}.log",
    benchmark:
        "results/logs/confront_zoo_with_{models}.tsv"
    conda:
        lambda wildcards: environment(
            "network" if wildcards.models == "module" else f"models/{wildcards.models}"
        )
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(60),
    params:
        code=code("confront_zoo_with_potentials", kinds=["mlip"]),
        settings=lambda wildcards: confronted(wildcards.models),
        shipped=lambda wildcards, input: f"--shipped {input.shipped}" if input.shipped else "",
    shell:
        'python "$SCRIPTS"/confront_zoo_with_potentials.py --settings {params.settings:q} {params.shipped}'
        " --table {output} 2> >(tee {log} >&2)"


rule merge_zoo:
    """The zoo in one table, to compute with and to read."""
    input:
        libraries=expand("results/zoo/{library}.csv", library=PEERS),
        potentials=expand("results/zoo/potentials/{models}.csv", models=POTENTIAL_LIBRARIES),
    output:
        csv="results/tables/zoo.csv",
        markdown="results/tables/zoo.md",
    log:
        "results/logs/merge_zoo.log",
    localrule: True
    conda:
        environment("density")
    params:
        code=code("merge_zoo"),
    shell:
        'python "$SCRIPTS"/merge_zoo.py {input.libraries} --potentials {input.potentials}'
        " --table {output.csv} --markdown {output.markdown} 2> >(tee {log} >&2)"
