# Singular points of methane: Figures 1 to 3, Table 1, and the theory behind them.


MANIFOLDS = [f"results/structures/manifolds/{name}.npz" for name in METHANE]
ENERGIES = [f"results/energies/{name}.csv" for name in METHANE]
LEVEL = f"--functional {SINGULAR['functional']} --basis {SINGULAR['basis']}"


wildcard_constraints:
    methane="|".join(METHANE),


localrules:
    energies,


rule energies:
    """The reference energies and their check alone."""
    input:
        ENERGIES,
        "results/tables/energy_check.csv",


rule find_equilibrium:
    """The bond length of methane at the level of theory."""
    output:
        "results/energies/equilibrium.json",
    log:
        "results/logs/find_equilibrium.log",
    benchmark:
        "results/logs/find_equilibrium.tsv"
    conda:
        environment("energies")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        code=code("find_equilibrium"),
        level=LEVEL,
    shell:
        "python {scripts}/find_equilibrium.py {params.level} --output {output} 2> >(tee {log} >&2)"


rule build_manifold:
    """A structure displaced along two patterns, a square grid."""
    input:
        equilibrium="results/energies/equilibrium.json",
    output:
        manifold="results/structures/manifolds/{methane}.npz",
        xyz="results/structures/manifolds/{methane}.xyz",
    log:
        "results/logs/build_manifold_{methane}.log",
    benchmark:
        "results/logs/build_manifold_{methane}.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("build_manifold"),
        options=manifold_options,
        grids=SINGULAR["training_grids"],
    shell:
        "python {scripts}/build_manifold.py --structure {wildcards.methane} --equilibrium {input.equilibrium}"
        " {params.options:q} --training-grids {params.grids} --output {output.manifold}"
        " --xyz {output.xyz} 2> >(tee {log} >&2)"


rule compute_energies:
    """The energy of every structure of a manifold; shipped ones are taken where they fit.

    Finished points are kept beside the output, and a killed run goes on from there.
    """
    input:
        manifold="results/structures/manifolds/{methane}.npz",
        shipped=(
            [] if SINGULAR["recompute"] else shipped("workflow/resources/energies/{methane}.csv")
        ),
    output:
        "results/energies/{methane}.csv",
    log:
        "results/logs/compute_energies_{methane}.log",
    benchmark:
        "results/logs/compute_energies_{methane}.tsv"
    conda:
        environment("energies")
    threads: 2
    resources:
        mem_mb=2000,
        runtime=240,
    params:
        code=code("compute_energies"),
        level=LEVEL,
        shipped=lambda wildcards, input: ["--shipped", input.shipped] if input.shipped else [],
        partial=lambda wildcards: f"results/energies/unfinished_{wildcards.methane}.csv",
    shell:
        "python {scripts}/compute_energies.py --manifold {input.manifold} {params.level} {params.shipped}"
        " --partial {params.partial} --threads {threads} --output {output} 2> >(tee {log} >&2)"


rule check_energies:
    """Recompute a random handful of energies and compare."""
    input:
        manifolds=MANIFOLDS,
        energies=ENERGIES,
    output:
        "results/tables/energy_check.csv",
    log:
        "results/logs/check_energies.log",
    benchmark:
        "results/logs/check_energies.tsv"
    conda:
        environment("energies")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        code=code("check_energies"),
        level=LEVEL,
        check=" ".join(f"--{key} {value}" for key, value in SINGULAR["check"].items()),
    shell:
        "python {scripts}/check_energies.py --manifolds {input.manifolds} --energies {input.energies}"
        " {params.level} {params.check} --output {output} 2> >(tee {log} >&2)"


rule compute_manifold_features:
    """Features of a manifold, exactly rotated to few columns."""
    input:
        manifold="results/structures/manifolds/{methane}.npz",
        structures="results/structures/methane.xyz",
    output:
        "results/features/{methane}.npz",
    log:
        "results/logs/compute_manifold_features_{methane}.log",
    benchmark:
        "results/logs/compute_manifold_features_{methane}.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=3000,
        runtime=30,
    params:
        code=code("compute_manifold_features"),
        representations=json.dumps(
            {row: config["descriptors"][name] for row, name in SINGULAR["descriptors"].items()}
        ),
        fit=config["density"]["fit_structures"],
        cutoff=config["density"]["cutoff"],
    shell:
        "OMP_NUM_THREADS={threads} python {scripts}/compute_manifold_features.py --manifold {input.manifold}"
        " --representations {params.representations:q} --structures {input.structures}"
        " --fit-structures {params.fit} --cutoff {params.cutoff} --output {output}"
        " 2> >(tee {log} >&2)"


rule fit_energies:
    """Kernel ridge regression of the energies on sub-grids."""
    input:
        manifold="results/structures/manifolds/{methane}.npz",
        energies="results/energies/{methane}.csv",
        features="results/features/{methane}.npz",
    output:
        predictions="results/regression/{methane}.csv",
        scores="results/regression/{methane}_scores.csv",
    log:
        "results/logs/fit_energies_{methane}.log",
    benchmark:
        "results/logs/fit_energies_{methane}.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("fit_energies"),
        grids=SINGULAR["training_grids"],
        gamma=SINGULAR["gamma"],
        sigma2=SINGULAR["sigma2"],
    shell:
        "OMP_NUM_THREADS={threads} python {scripts}/fit_energies.py --manifold {input.manifold}"
        " --energies {input.energies} --features {input.features} --grids {params.grids}"
        " --gamma {params.gamma} --sigma2 {params.sigma2} --predictions {output.predictions}"
        " --scores {output.scores} 2> >(tee {log} >&2)"


rule write_table1:
    """Table 1 beside the printed values."""
    input:
        scores=expand("results/regression/{methane}_scores.csv", methane=METHANE),
        printed=shipped("workflow/resources/printed/table1.csv"),
    output:
        multiext("results/tables/table1", ".csv", ".tex"),
        report("results/tables/table1.md", caption="../report/table1.rst", category="Paper 1"),
    log:
        "results/logs/write_table1.log",
    benchmark:
        "results/logs/write_table1.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=code("write_table1"),
    shell:
        "python {scripts}/write_table1.py --scores {input.scores} --printed {input.printed}"
        " --output results/tables/table1 2> >(tee {log} >&2)"


rule write_chemiscope:
    """A manifold with everything known about it, for the chemiscope viewer."""
    input:
        manifold="results/structures/manifolds/{methane}.npz",
        features="results/features/{methane}.npz",
        predictions="results/regression/{methane}.csv",
    output:
        "results/chemiscope/{methane}.json.gz",
    log:
        "results/logs/write_chemiscope_{methane}.log",
    benchmark:
        "results/logs/write_chemiscope_{methane}.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("write_chemiscope"),
    shell:
        "python {scripts}/write_chemiscope.py --manifold {input.manifold} --features {input.features}"
        " --predictions {input.predictions} --output {output} 2> >(tee {log} >&2)"


rule draw_fig1:
    """Figure 1, computed: analysis of a Jacobian, and where its zeros come from."""
    input:
        asymmetric="results/structures/manifolds/asymmetric.npz",
    output:
        report(
            multiext("results/figures/fig1", ".pdf", ".png"),
            caption="../report/fig1.rst",
            category="Paper 1",
        ),
        expand(
            "results/figures/data/fig1_{panel}.csv",
            panel=["a_jacobian", "a_singular_values", "b", "c", "d"],
        ),
    log:
        "results/logs/draw_fig1.log",
    benchmark:
        "results/logs/draw_fig1.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("draw_fig1"),
        mirror=json.dumps(SINGULAR["structures"]["degenerate"]["mirror"]),
    shell:
        "python {scripts}/draw_fig1.py --asymmetric {input.asymmetric} --mirror {params.mirror:q}"
        " --figures results/figures 2> >(tee {log} >&2)"


rule draw_fig2:
    """Figure 2: what features and energy do along two displacements of each structure."""
    input:
        manifolds=MANIFOLDS,
        energies=ENERGIES,
        features=expand("results/features/{methane}.npz", methane=METHANE),
    output:
        report(
            multiext("results/figures/fig2", ".pdf", ".png"),
            caption="../report/fig2.rst",
            category="Paper 1",
        ),
        "results/figures/data/fig2.csv",
    log:
        "results/logs/draw_fig2.log",
    benchmark:
        "results/logs/draw_fig2.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("draw_fig2"),
        names=METHANE,
    shell:
        "python {scripts}/draw_fig2.py --structures {params.names} --manifolds results/structures/manifolds"
        " --features results/features --energies results/energies --figures results/figures"
        " 2> >(tee {log} >&2)"


rule draw_fig3:
    """Figure 3: errors of the energy models along both displacements."""
    input:
        manifolds=MANIFOLDS,
        predictions=expand("results/regression/{methane}.csv", methane=METHANE),
    output:
        report(
            multiext("results/figures/fig3", ".pdf", ".png"),
            caption="../report/fig3.rst",
            category="Paper 1",
        ),
        "results/figures/data/fig3.csv",
    log:
        "results/logs/draw_fig3.log",
    benchmark:
        "results/logs/draw_fig3.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("draw_fig3"),
        names=METHANE,
        representations=list(SINGULAR["descriptors"]),
        grid=SINGULAR["training_grids"][0],
    shell:
        "python {scripts}/draw_fig3.py --structures {params.names} --manifolds results/structures/manifolds"
        " --regression results/regression --representations {params.representations}"
        " --grid {params.grid} --figures results/figures 2> >(tee {log} >&2)"


rule draw_theory:
    """Null spaces predicted without a basis, against those of features."""
    output:
        report(
            multiext("results/figures/fig_theory", ".pdf", ".png"),
            caption="../report/fig_theory.rst",
            category="Paper 1",
        ),
        "results/figures/data/fig_theory.csv",
    log:
        "results/logs/draw_theory.log",
    benchmark:
        "results/logs/draw_theory.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("draw_theory"),
        options=" ".join(
            f"--{key.replace('_', '-')} {value}" for key, value in config["theory"].items()
        ),
    shell:
        "python {scripts}/draw_theory.py {params.options} --figures results/figures 2> >(tee {log} >&2)"


rule draw_pedagogical:
    """Section 1.7: x^2 against cos x, and what a fit can and cannot do."""
    output:
        report(
            multiext("results/figures/fig_pedagogical", ".pdf", ".png"),
            caption="../report/fig_pedagogical.rst",
            category="Paper 1",
        ),
        expand(
            "results/figures/data/fig_pedagogical_{panel}.csv",
            panel=["curves", "errors"],
        ),
    log:
        "results/logs/draw_pedagogical.log",
    benchmark:
        "results/logs/draw_pedagogical.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=code("draw_pedagogical"),
    shell:
        "python {scripts}/draw_pedagogical.py --figures results/figures 2> >(tee {log} >&2)"
