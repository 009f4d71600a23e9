import pytest

from bench.inference_speed import Rate, main, measure, rate_table, share_table


def test_rates_are_medians_over_the_products():
    rate = measure("counting", 1_000, 3, lambda: sum(range(50_000)))
    assert rate.n_products == 1_000
    assert rate.per_second > 0
    assert rate.per_cpu_second == pytest.approx(rate.per_second, rel=3)


def test_tables_are_markdown():
    table = rate_table([Rate("from texts", 8_000, 12_345.6, 7.891)])
    assert table.splitlines()[-1] == "| from texts | 8,000 | 12,346 | 7.9 |"
    parts = share_table({"text encode": 1.0, "pictures": 3.0}).splitlines()
    assert parts[2:] == ["| pictures | 3.00 s | 75% |", "| text encode | 1.00 s | 25% |"]


def test_a_workspace_is_measured(trained, capsys):
    main(["--home", str(trained.workspace.home), "--runs", "1", "--products", "40"])
    said = capsys.readouterr().out
    for work in ("from embeddings", "HiClass", "from texts", "escalated to their pictures", "plain loop"):
        assert work in said
    assert "| image encode |" in said
