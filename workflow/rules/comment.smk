# The Comment: quasi-constant orbits, and what networks learn along them.

COMMENT_RUNS = ["none", "20", "full"]


COMMENT_FEATURES = comment_options(
    "features", "n_max", "l_max", "n_primitive", "cutoff", "fit_every"
)


rule prepare_dynamics:
    """Training and validation frames of hot methane, and their geometry beside the published."""
    input:
        published=shipped("workflow/resources/printed/comment_dynamics.csv"),
        file=COMMENT["frames"]["path"] if COMMENT["frames"]["source"] == "path" else [],
    output:
        frames="results/structures/comment_frames.npz",
        table="results/tables/comment_dynamics.csv",
    log:
        "results/logs/prepare_dynamics.log",
    benchmark:
        "results/logs/prepare_dynamics.tsv"
    conda:
        environment("dynamics")
    threads: 2
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        code=code("prepare_dynamics"),
        source=comment_source,
        size=comment_options("frames", "training", "validation", "seed"),
    shell:
        "python {scripts}/prepare_dynamics.py {params.source:q} {params.size} --threads {threads}"
        " --downloads results/downloads --published {input.published}"
        " --output {output.frames} --table {output.table} 2> >(tee {log} >&2)"


rule follow_orbits:
    """Orbits of low sensitivity around A0."""
    input:
        frames="results/structures/comment_frames.npz",
    output:
        table="results/tables/comment_orbits.csv",
        summary="results/sensitivity/comment_orbits_summary.csv",
        orbits="results/sensitivity/comment_orbits.npz",
    log:
        "results/logs/follow_orbits.log",
    benchmark:
        "results/logs/follow_orbits.tsv"
    conda:
        environment("density")
    threads: 2
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code("follow_orbits"),
        basis=COMMENT_FEATURES,
        orbits=comment_options(
            "orbits",
            "start",
            "sigmas",
            "scales",
            "n_frames",
            "step",
            "every",
            "integrator",
            "tolerance",
        ),
    shell:
        "python {scripts}/follow_orbits.py --frames {input.frames} {params.basis} {params.orbits}"
        " --threads {threads} --points results/sensitivity/orbits --table {output.table}"
        " --summary {output.summary} --orbits {output.orbits} 2> >(tee {log} >&2)"


rule check_orbits:
    """Singular environments found near the orbits, and integrators compared."""
    input:
        frames="results/structures/comment_frames.npz",
        orbits="results/sensitivity/comment_orbits.npz",
    output:
        singular="results/tables/comment_singular_points.csv",
        integrators="results/tables/comment_integrators.csv",
    log:
        "results/logs/check_orbits.log",
    benchmark:
        "results/logs/check_orbits.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code("check_orbits"),
        basis=COMMENT_FEATURES,
        orbits=comment_options(
            "orbits",
            "sigmas",
            "scales",
            "step",
            "every",
            "tolerance",
            "compare_sigma",
            "compare_frames",
        ),
    shell:
        "python {scripts}/check_orbits.py --frames {input.frames} --orbits {input.orbits} {params.basis}"
        " {params.orbits} --singular {output.singular} --integrators {output.integrators}"
        " 2> >(tee {log} >&2)"


rule compute_comment_features:
    """Power spectra and four-body targets of the frames and of the orbit with c = 1."""
    input:
        frames="results/structures/comment_frames.npz",
        orbits="results/sensitivity/comment_orbits.npz",
    output:
        "results/features/comment_sigma{sigma}.npz",
    log:
        "results/logs/compute_comment_features_{sigma}.log",
    benchmark:
        "results/logs/compute_comment_features_{sigma}.tsv"
    conda:
        environment("network")
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=code("compute_comment_features"),
        basis=COMMENT_FEATURES,
    shell:
        "python {scripts}/compute_comment_features.py --frames {input.frames} --orbits {input.orbits} {params.basis}"
        " --sigma {wildcards.sigma} --output {output} 2> >(tee {log} >&2)"


rule train_network:
    """Networks trained with none, some or all frames of the orbit, one for each seed."""
    input:
        features=network_features,
    output:
        table="results/regression/comment_{setting}_{run}.csv",
        predictions="results/regression/comment_{setting}_{run}.npz",
    log:
        "results/logs/train_network_{setting}_{run}.log",
    benchmark:
        "results/logs/train_network_{setting}_{run}.tsv"
    wildcard_constraints:
        run="|".join(COMMENT_RUNS),
    conda:
        environment("network")
    threads: 1
    resources:
        mem_mb=2500,
        runtime=60,
    params:
        code=code("train_network"),
        sigma=lambda wildcards: network_setting(wildcards)["sigma"],
        repeats=lambda wildcards: network_setting(wildcards)["repeats"],
        training=comment_options(
            "networks",
            "seeds",
            "kept",
            "width",
            "epochs",
            "batch_size",
            "learning_rate",
            "schedule",
            "whitening",
            "device",
        ),
    shell:
        "python {scripts}/train_network.py --features {input.features} --run {wildcards.run}"
        " --sigma {params.sigma} --repeats {params.repeats} {params.training} --threads {threads}"
        " --checkpoints results/regression/checkpoints --table {output.table}"
        " --predictions {output.predictions} 2> >(tee {log} >&2)"


rule merge_networks:
    """All networks in one table, and their errors beside the printed ones."""
    input:
        tables=expand(
            "results/regression/comment_{setting}_{run}.csv",
            setting=COMMENT["networks"]["settings"],
            run=COMMENT_RUNS,
        ),
        printed=shipped("workflow/resources/printed/comment_networks.csv"),
    output:
        table="results/tables/comment_networks.csv",
        summary="results/tables/comment_networks_summary.csv",
    log:
        "results/logs/merge_networks.log",
    benchmark:
        "results/logs/merge_networks.tsv"
    conda:
        environment("network")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("merge_networks"),
    shell:
        "python {scripts}/merge_networks.py {input.tables} --printed {input.printed} --output {output.table}"
        " --summary {output.summary} 2> >(tee {log} >&2)"


rule draw_comment_fig1:
    """Figure 1 of the Comment: orbits around A0, the pairs that meet there, condition numbers."""
    input:
        table="results/tables/comment_orbits.csv",
        orbits="results/sensitivity/comment_orbits.npz",
    output:
        report(
            multiext("results/figures/comment_fig1", ".pdf", ".png"),
            caption="../report/comment_fig1.rst",
            category="Comment",
        ),
        expand("results/figures/data/comment_fig1_{panel}.csv", panel=["a", "b"]),
    log:
        "results/logs/draw_comment_fig1.log",
    benchmark:
        "results/logs/draw_comment_fig1.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("draw_comment_fig1"),
    shell:
        "python {scripts}/draw_comment_fig1.py --table {input.table} --orbits {input.orbits}"
        " --figures results/figures 2> >(tee {log} >&2)"


rule draw_comment_fig2:
    """Figure 2 of the Comment: parity plots of the networks with the text's settings."""
    input:
        table="results/tables/comment_networks.csv",
        predictions=expand("results/regression/comment_text_{run}.npz", run=COMMENT_RUNS),
    output:
        report(
            multiext("results/figures/comment_fig2", ".pdf", ".png"),
            caption="../report/comment_fig2.rst",
            category="Comment",
        ),
        "results/figures/data/comment_fig2.csv",
    log:
        "results/logs/draw_comment_fig2.log",
    benchmark:
        "results/logs/draw_comment_fig2.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("draw_comment_fig2"),
        sigma=COMMENT["networks"]["settings"]["text"]["sigma"],
        seed=COMMENT["networks"]["seeds"][0],
    shell:
        "python {scripts}/draw_comment_fig2.py --predictions {input.predictions} --table {input.table}"
        " --sigma {params.sigma} --seed {params.seed} --figures results/figures"
        " 2> >(tee {log} >&2)"


rule draw_comment_separation:
    """Distances between points of an orbit, and where the Jacobian is singular."""
    input:
        frames="results/structures/comment_frames.npz",
        table="results/tables/comment_orbits.csv",
        orbits="results/sensitivity/comment_orbits.npz",
    output:
        report(
            multiext("results/figures/comment_fig_separation", ".pdf", ".png"),
            caption="../report/comment_fig_separation.rst",
            category="Comment",
        ),
        expand("results/figures/data/comment_fig_separation_{panel}.csv", panel=["a", "b"]),
    log:
        "results/logs/draw_comment_separation.log",
    benchmark:
        "results/logs/draw_comment_separation.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("draw_comment_separation"),
        basis=COMMENT_FEATURES,
        sigma=COMMENT["networks"]["settings"]["text"]["sigma"],
    shell:
        "python {scripts}/draw_comment_separation.py --frames {input.frames} --table {input.table}"
        " --orbits {input.orbits} {params.basis} --sigma {params.sigma}"
        " --figures results/figures 2> >(tee {log} >&2)"


rule draw_comment_centers:
    """Singular values of methane seen from the carbon, the hydrogens, and all atoms."""
    output:
        report(
            multiext("results/figures/comment_fig_centers", ".pdf", ".png"),
            caption="../report/comment_fig_centers.rst",
            category="Comment",
        ),
        expand(
            "results/figures/data/comment_fig_centers_{table}.csv",
            table=["singular_values", "distances"],
        ),
    log:
        "results/logs/draw_comment_centers.log",
    benchmark:
        "results/logs/draw_comment_centers.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("draw_comment_centers"),
        sigma=COMMENT["networks"]["settings"]["text"]["sigma"],
        basis=comment_options("features", "n_max", "l_max", "cutoff"),
    shell:
        "python {scripts}/draw_comment_centers.py --sigma {params.sigma} {params.basis}"
        " --figures results/figures 2> >(tee {log} >&2)"
