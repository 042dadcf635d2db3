# Whole structures: what the features of all atoms together see of each, after the environments.


rule judge_structures:
    """What the features of all atoms see of each structure in one chunk."""
    input:
        chunk="results/audit/{dataset}/pieces/chunks/{chunk}.parquet",
        sample="results/audit/{dataset}/pieces/sample.parquet",
        frames="results/audit/{dataset}/pieces/frames.json",
        rows="results/audit/{dataset}/pieces/rows/{representation}/{chunk}.parquet",
        cost="results/audit/{dataset}/pieces/cost/{representation}.json",
    output:
        table="results/audit/{dataset}/pieces/structures/{representation}/{chunk}.parquet",
        worst="results/audit/{dataset}/pieces/structures/{representation}/{chunk}.xyz",
    log:
        "results/logs/judge_structures/{dataset}_{representation}_{chunk}.log",
    benchmark:
        "results/logs/judge_structures/{dataset}_{representation}_{chunk}.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=estimated_memory,
        runtime=minutes(120),
    params:
        code=audit_code("judge_structures"),
        settings=lambda wildcards: settings(
            audit_job(wildcards),
            {key: audit_settings("diagnosis", key) for key in ("symmetry", "singular")},
            {"most": audit_settings("structures"), "shown": audit_settings("shown")},
            leave_out=["density"],
        ),
    shell:
        'python "$SCRIPTS"/judge_structures.py --settings {params.settings:q} --chunk {input.chunk}'
        " --frames {input.frames} --sample {input.sample} --rows {input.rows}"
        " --table {output.table} --worst {output.worst} 2> >(tee {log} >&2)"


rule compare_forces:
    """The force along what each structure hides from a potential, and the potential's errors."""
    input:
        path=dataset_file,
        frames="results/audit/{dataset}/pieces/frames.json",
        tables=chunks_of(
            "results/audit/{dataset}/pieces/structures/{representation}/{chunk}.parquet",
            audited_potentials,
        ),
        model=lambda wildcards: model_files(
            *(config["descriptors"][name] for name in audited_potentials(wildcards.dataset))
        ),
    output:
        table="results/audit/{dataset}/forces.csv",
        outcome="results/audit/{dataset}/forces_summary.csv",
    log:
        "results/logs/compare_forces/{dataset}.log",
    benchmark:
        "results/logs/compare_forces/{dataset}.tsv"
    conda:
        environment("network")
    threads: 1
    resources:
        mem_mb=memory(3000),
        runtime=minutes(60),
    params:
        code=code("compare_forces", kinds=["mlip"]),
        settings=lambda wildcards: settings(
            {
                "descriptors": [
                    (name, config["descriptors"][name])
                    for name in audited_potentials(wildcards.dataset)
                ],
                "singular": audit_settings("diagnosis", "singular"),
                "seed": audit_settings("seed"),
            }
        ),
        pieces=subpath(input.frames, parent=True),
    shell:
        'python "$SCRIPTS"/compare_forces.py --settings {params.settings:q} --path {input.path:q}'
        " --pieces {params.pieces} --frames {input.frames} --table {output.table}"
        " --outcome {output.outcome} 2> >(tee {log} >&2)"


rule merge_structures:
    """One table of the structures of a data set, and the worst of them."""
    input:
        tables=chunks_of(
            "results/audit/{dataset}/pieces/structures/{representation}/{chunk}.parquet"
        ),
        worst=chunks_of("results/audit/{dataset}/pieces/structures/{representation}/{chunk}.xyz"),
        frames="results/audit/{dataset}/pieces/frames.json",
    output:
        table="results/audit/{dataset}/structures.csv",
        worst="results/audit/{dataset}/worst_structures.xyz",
    log:
        "results/logs/merge_structures/{dataset}.log",
    localrule: True
    conda:
        environment("density")
    params:
        code=code("merge_structures"),
        settings=lambda wildcards: settings(
            {"names": audited(wildcards.dataset), "shown": audit_settings("shown")},
            {key: audit_settings("diagnosis", key) for key in ("factor", "singular")},
        ),
        pieces=subpath(input.frames, parent=True),
    shell:
        'python "$SCRIPTS"/merge_structures.py --settings {params.settings:q}'
        " --pieces {params.pieces} --frames {input.frames} --table {output.table}"
        " --worst {output.worst} 2> >(tee {log} >&2)"
