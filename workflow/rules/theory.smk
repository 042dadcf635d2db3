# What needs no energies: zeros and their origins (Figure 1), predicted null spaces, section 1.7.


rule compute_zero_origins:
    """A Jacobian and its zeros, symmetric and degenerate, on examples: Figure 1."""
    input:
        asymmetric="results/structures/manifolds/asymmetric.npz",
    output:
        arrays="results/tables/zero_origins.npz",
        sizes="results/tables/zero_origins_sizes.csv",
        symmetric="results/tables/zero_origins_symmetric.csv",
        branches="results/tables/zero_origins_branches.csv",
        slopes="results/tables/zero_origins_slopes.csv",
        construction="results/tables/zero_origins_construction.csv",
    log:
        "results/logs/compute_zero_origins.log",
    localrule: True
    conda:
        environment("density")
    params:
        code=code("compute_zero_origins"),
        settings=settings(SINGULAR["structures"]["degenerate"], only=["mirror"]),
    shell:
        'OMP_NUM_THREADS={threads} python "$SCRIPTS"/compute_zero_origins.py'
        " --settings {params.settings:q} --asymmetric {input.asymmetric} --arrays {output.arrays}"
        " --sizes {output.sizes} --symmetric {output.symmetric} --branches {output.branches}"
        " --slopes {output.slopes} --construction {output.construction} 2> >(tee {log} >&2)"


rule compute_null_spaces:
    """Null spaces predicted without a basis, against those of features."""
    output:
        "results/tables/null_spaces.csv",
    log:
        "results/logs/compute_null_spaces.log",
    benchmark:
        "results/logs/compute_null_spaces.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(10),
    params:
        code=code("compute_null_spaces"),
        settings=settings(config["theory"]),
    shell:
        'OMP_NUM_THREADS={threads} python "$SCRIPTS"/compute_null_spaces.py'
        " --settings {params.settings:q} --output {output} 2> >(tee {log} >&2)"


rule fit_pedagogical:
    """Section 1.7: x^2 against cos x, and what a fit can and cannot do."""
    output:
        curves="results/tables/pedagogical_curves.csv",
        errors="results/tables/pedagogical_errors.csv",
    log:
        "results/logs/fit_pedagogical.log",
    localrule: True
    conda:
        environment("density")
    params:
        code=code("fit_pedagogical"),
    shell:
        'OMP_NUM_THREADS={threads} python "$SCRIPTS"/fit_pedagogical.py --curves {output.curves}'
        " --errors {output.errors} 2> >(tee {log} >&2)"
