# The Comment: quasi-constant orbits, and what networks learn along them.

COMMENT_BASIS = ["density", "environments", "radial", "representations", "singular", "wigner"]
COMMENT_RUNS = ["none", "20", "full"]


COMMENT_FEATURES = comment_options(
    "features", "n_max", "l_max", "n_primitive", "cutoff", "fit_every"
)


rule prepare_dynamics:
    """Training and validation frames of hot methane, and their geometry beside the published."""
    input:
        **code("prepare_dynamics", "dynamics", "families", "tables"),
        published="workflow/resources/printed/comment_dynamics.csv",
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
        source=comment_source,
        size=comment_options("frames", "training", "validation", "seed"),
    shell:
        "python {input.script} {params.source:q} {params.size} --threads {threads}"
        " --downloads results/downloads --published {input.published}"
        " --output {output.frames} --table {output.table} 2> >(tee {log} >&2)"


rule follow_orbits:
    """Orbits of low sensitivity around A0."""
    input:
        **code("follow_orbits", *COMMENT_BASIS, "orbits", "fourbody", "families", "tables"),
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
        "python {input.script} --frames {input.frames} {params.basis} {params.orbits}"
        " --threads {threads} --points results/sensitivity/orbits --table {output.table}"
        " --summary {output.summary} --orbits {output.orbits} 2> >(tee {log} >&2)"


rule check_orbits:
    """Singular environments found near the orbits, and integrators compared."""
    input:
        **code("check_orbits", *COMMENT_BASIS, "orbits", "families", "tables"),
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
        "python {input.script} --frames {input.frames} --orbits {input.orbits} {params.basis}"
        " {params.orbits} --singular {output.singular} --integrators {output.integrators}"
        " 2> >(tee {log} >&2)"


rule compute_comment_features:
    """Power spectra and four-body targets of the frames and of the orbit with c = 1."""
    input:
        **code("compute_comment_features", *COMMENT_BASIS, "fourbody", "network", "tables"),
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
        basis=COMMENT_FEATURES,
    shell:
        "python {input.script} --frames {input.frames} --orbits {input.orbits} {params.basis}"
        " --sigma {wildcards.sigma} --output {output} 2> >(tee {log} >&2)"


rule train_network:
    """Networks trained with none, some or all frames of the orbit, one for each seed."""
    input:
        **code("train_network", "network", "tables"),
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
        "python {input.script} --features {input.features} --run {wildcards.run}"
        " --sigma {params.sigma} --repeats {params.repeats} {params.training} --threads {threads}"
        " --checkpoints results/regression/checkpoints --table {output.table}"
        " --predictions {output.predictions} 2> >(tee {log} >&2)"


rule merge_networks:
    """All networks in one table, and their errors beside the printed ones."""
    input:
        **code("merge_networks", "network", "tables"),
        tables=expand(
            "results/regression/comment_{setting}_{run}.csv",
            setting=COMMENT["networks"]["settings"],
            run=COMMENT_RUNS,
        ),
        printed="workflow/resources/printed/comment_networks.csv",
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
    shell:
        "python {input.script} {input.tables} --printed {input.printed} --output {output.table}"
        " --summary {output.summary} 2> >(tee {log} >&2)"


rule draw_comment_fig1:
    """Figure 1 of the Comment: orbits around A0, the pairs that meet there, condition numbers."""
    input:
        **code("draw_comment_fig1", "families", "orbits", "plotting", "tables"),
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
    shell:
        "python {input.script} --table {input.table} --orbits {input.orbits}"
        " --figures results/figures 2> >(tee {log} >&2)"


rule draw_comment_fig2:
    """Figure 2 of the Comment: parity plots of the networks with the text's settings."""
    input:
        **code("draw_comment_fig2", "plotting", "tables"),
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
        sigma=COMMENT["networks"]["settings"]["text"]["sigma"],
        seed=COMMENT["networks"]["seeds"][0],
    shell:
        "python {input.script} --predictions {input.predictions} --table {input.table}"
        " --sigma {params.sigma} --seed {params.seed} --figures results/figures"
        " 2> >(tee {log} >&2)"


rule draw_comment_separation:
    """Distances between points of an orbit, and where the Jacobian is singular."""
    input:
        **code(
            "draw_comment_separation",
            *COMMENT_BASIS,
            "families",
            "omfp",
            "orbits",
            "plotting",
            "tables",
        ),
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
        basis=COMMENT_FEATURES,
        sigma=COMMENT["networks"]["settings"]["text"]["sigma"],
    shell:
        "python {input.script} --frames {input.frames} --table {input.table}"
        " --orbits {input.orbits} {params.basis} --sigma {params.sigma}"
        " --figures results/figures 2> >(tee {log} >&2)"


rule draw_comment_centers:
    """Singular values of methane seen from the carbon, the hydrogens, and all atoms."""
    input:
        **code(
            "draw_comment_centers",
            *COMMENT_BASIS,
            "centers",
            "families",
            "orbits",
            "plotting",
            "tables",
        ),
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
        sigma=COMMENT["networks"]["settings"]["text"]["sigma"],
        basis=comment_options("features", "n_max", "l_max", "cutoff"),
    shell:
        "python {input.script} --sigma {params.sigma} {params.basis}"
        " --figures results/figures 2> >(tee {log} >&2)"
