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
        sample="results/audit/{dataset}/pieces/sample.xyz",
        frames="results/audit/{dataset}/pieces/frames.json",
    log:
        "results/logs/split_dataset/{dataset}.log",
    benchmark:
        "results/logs/split_dataset/{dataset}.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=500,
        runtime=60,
    params:
        code=code("split_dataset"),
        folder=lambda wildcards, output: os.path.dirname(output.frames),
        size=lambda wildcards: audit_settings("chunk_size"),
        sample=lambda wildcards: audit_settings("sample"),
        seed=lambda wildcards: audit_settings("seed"),
    shell:
        "python {scripts}/split_dataset.py --path {input.path:q} --chunk-size {params.size}"
        " --sample {params.sample} --seed {params.seed} --folder {params.folder}"
        " 2> >(tee {log} >&2)"


rule audit_chunk:
    """Singular values of every environment in one chunk."""
    input:
        chunk="results/audit/{dataset}/pieces/chunks/{chunk}.xyz",
        sample="results/audit/{dataset}/pieces/sample.xyz",
        frames="results/audit/{dataset}/pieces/frames.json",
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
        mem_mb=1000,
        runtime=60,
    params:
        code=code("audit_chunk"),
        settings=representation_settings,
        centre=centre_option,
    shell:
        "python {scripts}/audit_chunk.py --chunk {input.chunk} --frames {input.frames} --sample {input.sample}"
        " --name {wildcards.representation} --settings {params.settings:q} {params.centre}"
        " --rows {output.rows} --skipped {output.skipped}"
        " 2> >(tee {log} >&2)"


rule set_thresholds:
    """What counts as low sensitivity on this data set."""
    input:
        rows=chunks_of("results/audit/{dataset}/pieces/rows/{representation}/{chunk}.parquet"),
        sample="results/audit/{dataset}/pieces/sample.xyz",
    output:
        "results/audit/{dataset}/pieces/thresholds/{representation}.json",
    log:
        "results/logs/set_thresholds/{dataset}_{representation}.log",
    benchmark:
        "results/logs/set_thresholds/{dataset}_{representation}.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=60,
    params:
        code=code("set_thresholds"),
        folder=lambda wildcards, input: os.path.dirname(input.rows[0]),
        density=companion_density,
        centre=centre_option,
        nu3=lambda wildcards: audit_settings("diagnosis", "nu3_neighbors"),
        singular=lambda wildcards: audit_settings("diagnosis", "singular"),
    shell:
        "python {scripts}/set_thresholds.py --rows {params.folder} --sample {input.sample}"
        " --density {params.density:q} {params.centre} --nu3-neighbors {params.nu3}"
        " --singular {params.singular}"
        " --output {output}"
        " 2> >(tee {log} >&2)"


rule diagnose_chunk:
    """Say why each low-sensitivity environment of a chunk is seen badly."""
    input:
        chunk="results/audit/{dataset}/pieces/chunks/{chunk}.xyz",
        sample="results/audit/{dataset}/pieces/sample.xyz",
        frames="results/audit/{dataset}/pieces/frames.json",
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
        mem_mb=1500,
        runtime=120,
    params:
        code=code("diagnose_chunk"),
        settings=representation_settings,
        density=companion_density,
        centre=centre_option,
        criteria=lambda wildcards: json.dumps(audit_settings("diagnosis"), sort_keys=True),
        shown=lambda wildcards: audit_settings("shown"),
    shell:
        "python {scripts}/diagnose_chunk.py --chunk {input.chunk} --frames {input.frames} --sample {input.sample}"
        " --rows {input.rows} --thresholds {input.thresholds}"
        " --name {wildcards.representation} --settings {params.settings:q}"
        " --density {params.density:q} {params.centre} --criteria {params.criteria:q}"
        " --shown {params.shown} --findings {output.findings} --worst {output.worst}"
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
    log:
        "results/logs/merge_audit/{dataset}.log",
    benchmark:
        "results/logs/merge_audit/{dataset}.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=60,
    params:
        code=code("merge_audit"),
        folder=lambda wildcards, input: os.path.dirname(input.frames),
        output=lambda wildcards, output: os.path.dirname(output[0]),
        names=lambda wildcards: audited(wildcards.dataset),
        low=lambda wildcards: audit_settings("diagnosis", "factor"),
        shown=lambda wildcards: audit_settings("shown"),
    shell:
        "python {scripts}/merge_audit.py --folder {params.folder} --frames {input.frames}"
        " --representations {params.names} --low {params.low} --shown {params.shown}"
        " --output {params.output}"
        " 2> >(tee {log} >&2)"


rule draw_audit:
    """Condition numbers of a data set, their causes, and its worst environments."""
    input:
        table="results/audit/{dataset}/environments.parquet",
        summary="results/audit/{dataset}/summary.csv",
        worst="results/audit/{dataset}/worst.xyz",
    output:
        report(
            multiext("results/audit/{dataset}/audit", ".pdf", ".png"),
            caption="../report/audit.rst",
            category="Audit",
            labels={"data set": "{dataset}"},
        ),
    log:
        "results/logs/draw_audit/{dataset}.log",
    benchmark:
        "results/logs/draw_audit/{dataset}.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=20,
    params:
        code=code("draw_audit"),
        stem=subpath(output[0], strip_suffix=".pdf"),
    shell:
        "python {scripts}/draw_audit.py --table {input.table} --summary {input.summary}"
        " --worst {input.worst} --dataset {wildcards.dataset} --figure {params.stem}"
        " 2> >(tee {log} >&2)"


rule write_audit_viewer:
    """A chemiscope file of environments, coloured by CN, with their least visible displacement."""
    input:
        sample="results/audit/{dataset}/pieces/sample.xyz",
        frames="results/audit/{dataset}/pieces/frames.json",
        worst="results/audit/{dataset}/worst.xyz",
    output:
        "results/chemiscope/audit_{dataset}_{representation}.json.gz",
    log:
        "results/logs/write_audit_viewer/{dataset}_{representation}.log",
    benchmark:
        "results/logs/write_audit_viewer/{dataset}_{representation}.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1500,
        runtime=20,
    params:
        code=code("write_audit_viewer"),
        settings=representation_settings,
        centre=centre_option,
    shell:
        "python {scripts}/write_audit_viewer.py --sample {input.sample} --frames {input.frames}"
        " --worst {input.worst} --dataset {wildcards.dataset} --name {wildcards.representation}"
        " --settings {params.settings:q} {params.centre} --output {output}"
        " 2> >(tee {log} >&2)"


rule advise_hyperparameters:
    """The cheapest n_max, l_max and sigma for a data set, by a sweep on its sample."""
    input:
        sample="results/audit/{dataset}/pieces/sample.xyz",
    output:
        table="results/audit/{dataset}/advice.csv",
        advice="results/audit/{dataset}/advice.md",
    log:
        "results/logs/advise_hyperparameters/{dataset}.log",
    benchmark:
        "results/logs/advise_hyperparameters/{dataset}.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=1500,
        runtime=60,
    params:
        code=code("advise_hyperparameters"),
        settings=lambda wildcards: json.dumps(audit_settings("advice", "density"), sort_keys=True),
        ranges=lambda wildcards: [
            item
            for key in ("n_max", "l_max", "sigma")
            for item in (f"--{key.replace('_', '-')}", *audit_settings("advice", key))
        ],
        factor=lambda wildcards: audit_settings("advice", "factor"),
        most=lambda wildcards: audit_settings("advice", "n_environments"),
        centre=centre_option,
    shell:
        "python {scripts}/advise_hyperparameters.py --sample {input.sample} --settings {params.settings:q}"
        " {params.ranges} --factor {params.factor} --most {params.most} {params.centre}"
        " --table {output.table} --advice {output.advice}"
        " 2> >(tee {log} >&2)"


rule advice:
    """Hyperparameters for every data set of the section `audit`."""
    input:
        [
            f"results/audit/{dataset}/advice.md"
            for dataset in config.get("audit", {}).get("datasets", {})
        ],


rule audit:
    """Every data set of the section `audit`."""
    input:
        [
            f"results/audit/{dataset}/{file}"
            for dataset in config.get("audit", {}).get("datasets", {})
            for file in ("environments.csv", "summary.csv", "audit.pdf")
        ],
        [
            f"results/chemiscope/audit_{dataset}_{representation}.json.gz"
            for dataset in config.get("audit", {}).get("datasets", {})
            for representation in audited(dataset)
        ],
