# The audit: where a representation is blind on a data set, and why. A data set is cut into chunks, a
# chunk is the unit of a job, and a killed run goes on with the chunks that are missing.


wildcard_constraints:
    chunk=r"\d{6}",
    dataset=r"[A-Za-z0-9-]+",


checkpoint split_dataset:
    """Cut a data set into chunks, and draw a sample of its frames."""
    input:
        path=dataset_file,
    output:
        chunks=directory("results/audit/{dataset}/pieces/chunks"),
        sample="results/audit/{dataset}/pieces/sample.parquet",
        frames="results/audit/{dataset}/pieces/frames.json",
    log:
        "results/logs/split_dataset/{dataset}.log",
    benchmark:
        "results/logs/split_dataset/{dataset}.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=minutes(60),
    params:
        code=code("split_dataset"),
        settings=lambda wildcards: settings(audit_settings(), only=["chunk_size", "sample", "seed"]),
        folder=subpath(output.frames, parent=True),
    shell:
        'python "$SCRIPTS"/split_dataset.py --settings {params.settings:q} --path {input.path:q}'
        " --folder {params.folder} 2> >(tee {log} >&2)"


rule estimate_cost:
    """Memory and time of an audit from a sample of its frames, said before it is paid for."""
    input:
        sample="results/audit/{dataset}/pieces/sample.parquet",
        frames="results/audit/{dataset}/pieces/frames.json",
    output:
        "results/audit/{dataset}/pieces/cost/{representation}.json",
    log:
        "results/logs/estimate_cost/{dataset}_{representation}.log",
    localrule: True
    conda:
        environment("density")
    params:
        # No code: for another estimate nothing is computed again.
        settings=lambda wildcards: settings(
            audit_job(wildcards), only=["name", "descriptor", "center_species"]
        ),
    shell:
        'python "$SCRIPTS"/estimate_cost.py --settings {params.settings:q} --frames {input.frames}'
        " --sample {input.sample} --output {output} 2> >(tee {log} >&2)"


rule audit_chunk:
    """Singular values of every environment in one chunk."""
    input:
        chunk="results/audit/{dataset}/pieces/chunks/{chunk}.parquet",
        sample="results/audit/{dataset}/pieces/sample.parquet",
        frames="results/audit/{dataset}/pieces/frames.json",
        model=lambda wildcards: model_files(audited_descriptor(wildcards)),
        cost="results/audit/{dataset}/pieces/cost/{representation}.json",
    output:
        rows="results/audit/{dataset}/pieces/rows/{representation}/{chunk}.parquet",
        skipped="results/audit/{dataset}/pieces/skipped/{representation}/{chunk}.csv",
    log:
        "results/logs/audit_chunk/{dataset}_{representation}_{chunk}.log",
    benchmark:
        "results/logs/audit_chunk/{dataset}_{representation}_{chunk}.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=estimated_memory,
        runtime=estimated_minutes,
    params:
        code=audit_code("audit_chunk"),
        settings=lambda wildcards: settings(
            audit_job(wildcards), only=["name", "descriptor", "center_species"]
        ),
    shell:
        'python "$SCRIPTS"/audit_chunk.py --settings {params.settings:q} --chunk {input.chunk}'
        " --frames {input.frames} --sample {input.sample} --rows {output.rows}"
        " --skipped {output.skipped} 2> >(tee {log} >&2)"


rule set_thresholds:
    """What counts as low sensitivity on this data set, and a sample of it to look at."""
    input:
        rows=chunks_of("results/audit/{dataset}/pieces/rows/{representation}/{chunk}.parquet"),
        frames="results/audit/{dataset}/pieces/frames.json",
        sample="results/audit/{dataset}/pieces/sample.parquet",
        model=lambda wildcards: model_files(audited_descriptor(wildcards)),
        cost="results/audit/{dataset}/pieces/cost/{representation}.json",
    output:
        thresholds="results/audit/{dataset}/pieces/thresholds/{representation}.json",
        sampled="results/audit/{dataset}/pieces/sampled/{representation}.xyz",
    log:
        "results/logs/set_thresholds/{dataset}_{representation}.log",
    benchmark:
        "results/logs/set_thresholds/{dataset}_{representation}.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=estimated_memory,
        runtime=estimated_minutes,
    params:
        code=audit_code("set_thresholds", compared=True),
        settings=lambda wildcards: settings(
            audit_job(wildcards),
            {key: audit_settings("diagnosis", key) for key in ("singular", "nu3_neighbors")},
        ),
        pieces=subpath(input.frames, parent=True),
    shell:
        'python "$SCRIPTS"/set_thresholds.py --settings {params.settings:q} --pieces {params.pieces}'
        " --frames {input.frames} --sample {input.sample} --thresholds {output.thresholds}"
        " --sampled {output.sampled} 2> >(tee {log} >&2)"


rule diagnose_chunk:
    """Say why each low-sensitivity environment of a chunk is seen badly."""
    input:
        chunk="results/audit/{dataset}/pieces/chunks/{chunk}.parquet",
        sample="results/audit/{dataset}/pieces/sample.parquet",
        frames="results/audit/{dataset}/pieces/frames.json",
        model=lambda wildcards: model_files(audited_descriptor(wildcards)),
        cost="results/audit/{dataset}/pieces/cost/{representation}.json",
        rows="results/audit/{dataset}/pieces/rows/{representation}/{chunk}.parquet",
        thresholds="results/audit/{dataset}/pieces/thresholds/{representation}.json",
    output:
        findings="results/audit/{dataset}/pieces/findings/{representation}/{chunk}.csv",
        worst="results/audit/{dataset}/pieces/worst/{representation}/{chunk}.xyz",
    log:
        "results/logs/diagnose_chunk/{dataset}_{representation}_{chunk}.log",
    benchmark:
        "results/logs/diagnose_chunk/{dataset}_{representation}_{chunk}.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=estimated_memory,
        runtime=estimated_minutes,
    params:
        code=audit_code("diagnose_chunk", compared=True),
        settings=lambda wildcards: settings(
            audit_job(wildcards),
            {"criteria": audit_settings("diagnosis"), "shown": audit_settings("shown")},
        ),
    shell:
        'python "$SCRIPTS"/diagnose_chunk.py --settings {params.settings:q} --chunk {input.chunk}'
        " --frames {input.frames} --sample {input.sample} --rows {input.rows}"
        " --thresholds {input.thresholds} --findings {output.findings} --worst {output.worst}"
        " 2> >(tee {log} >&2)"


rule merge_audit:
    """One table of all environments of a data set, its summary, and the worst of each diagnosis."""
    input:
        rows=chunks_of("results/audit/{dataset}/pieces/rows/{representation}/{chunk}.parquet"),
        skipped=chunks_of("results/audit/{dataset}/pieces/skipped/{representation}/{chunk}.csv"),
        findings=chunks_of("results/audit/{dataset}/pieces/findings/{representation}/{chunk}.csv"),
        worst=chunks_of("results/audit/{dataset}/pieces/worst/{representation}/{chunk}.xyz"),
        frames="results/audit/{dataset}/pieces/frames.json",
        thresholds=lambda wildcards: expand(
            "results/audit/{dataset}/pieces/thresholds/{representation}.json",
            dataset=wildcards.dataset,
            representation=audited(wildcards.dataset),
        ),
    output:
        multiext(
            "results/audit/{dataset}/",
            "environments.csv",
            "environments.parquet",
            "summary.csv",
            "findings.csv",
            "skipped.csv",
            "worst.xyz",
        ),
        points="results/audit/{dataset}/pieces/points.parquet",
        histograms="results/audit/{dataset}/pieces/histograms.csv",
    log:
        "results/logs/merge_audit/{dataset}.log",
    localrule: True
    conda:
        environment("density")
    params:
        code=code("merge_audit"),
        settings=lambda wildcards: settings(
            {
                "dataset": wildcards.dataset,
                "names": audited(wildcards.dataset),
                "factor": audit_settings("diagnosis", "factor"),
                "shown": audit_settings("shown"),
            }
        ),
        pieces=subpath(input.frames, parent=True),
        folder=subpath(output[0], parent=True),
    shell:
        'python "$SCRIPTS"/merge_audit.py --settings {params.settings:q} --pieces {params.pieces}'
        " --frames {input.frames} --folder {params.folder} --points {output.points}"
        " --histograms {output.histograms} 2> >(tee {log} >&2)"


rule draw_audit:
    """Condition numbers of a data set, their causes, and its worst environments."""
    input:
        [f"results/{table}" for table in AUDIT.tables.values()],
    output:
        report(
            multiext("results/audit/{dataset}/audit", ".pdf", ".png"),
            caption=f"../report/{AUDIT.name}.rst",
            category=AUDIT.category,
            labels={"data set": "{dataset}"},
        ),
    log:
        "results/logs/draw_audit/{dataset}.log",
    localrule: True
    conda:
        environment("figures")
    params:
        code=code("draw_figure", modules=[f"drawing.{AUDIT.name}"]),
        module=AUDIT.name,
        tables=tables_of(AUDIT),
        stem=subpath(output[0], strip_suffix=".pdf"),
    shell:
        'python "$SCRIPTS"/draw_figure.py --module {params.module} --table {params.tables:q}'
        " --figure {params.stem} 2> >(tee {log} >&2)"


rule write_audit_viewer:
    """A chemiscope file of environments, coloured by CN, with their least visible displacement."""
    input:
        sampled="results/audit/{dataset}/pieces/sampled/{representation}.xyz",
        worst="results/audit/{dataset}/worst.xyz",
    output:
        "results/chemiscope/audit_{dataset}_{representation}.json.gz",
    log:
        "results/logs/write_audit_viewer/{dataset}_{representation}.log",
    localrule: True
    conda:
        environment("figures")
    params:
        code=code("write_audit_viewer"),
        settings=lambda wildcards: settings(
            {"dataset": wildcards.dataset, "name": wildcards.representation}
        ),
    shell:
        'python "$SCRIPTS"/write_audit_viewer.py --settings {params.settings:q}'
        " --sampled {input.sampled} --worst {input.worst} --output {output} 2> >(tee {log} >&2)"


rule audit:
    """Every data set of the section `audit`."""
    input:
        [
            f"results/audit/{dataset}/{file}"
            for dataset in DATASETS
            for file in ("environments.csv", "structures.csv", "summary.csv", "audit.pdf")
        ],
        [f"results/audit/{dataset}/verdict.txt" for dataset in DATASETS],
