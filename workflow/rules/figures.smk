# Every figure of the list in src/descriptor_sensitivity/drawing/figures.py, drawn from its tables.

for row in FIGURES:

    rule:
        name:
            f"draw_{row.name}"
        input:
            [f"results/{table}" for table in row.tables.values()],
        output:
            report(
                multiext(f"results/figures/{row.name}", ".pdf", ".png"),
                caption=f"../report/{row.name}.rst",
                category=row.category,
            ),
            [f"results/{row.data_file(part)}" for part in row.data],
        log:
            f"results/logs/draw_{row.name}.log",
        localrule: True
        conda:
            environment("figures")
        params:
            code=code("draw_figure", modules=[f"drawing.{row.name}"]),
            module=row.name,
            tables=tables_of(row),
            digits=row.digits,
            stem=subpath(output[0], strip_suffix=".pdf"),
        shell:
            'python "$SCRIPTS"/draw_figure.py --module {params.module} --table {params.tables:q}'
            " --digits {params.digits} --figure {params.stem} 2> >(tee {log} >&2)"
