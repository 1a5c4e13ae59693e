def test_x(planted):
    from monitor.services.statistics import Asked
    import monitor.services.statistics as s
    w=planted.workspace
    a=Asked(since="2026-03-01", until="2026-03-16")
    for by in ("source","category","keyword","region","seller","decision","verdict"):
        print(by, s.hits(w,a,by=by).rows)
    for by in s.PRECISION_BY:
        print(by, s.precision(w,a,by=by).rows)
    for f in (s.outcomes,s.coverage,s.deliveries,s.failures,s.misses):
        print(f.__name__, f(w,a))
    print(s.queue(w,Asked()))
    print(s.rising_terms(w,Asked(since="2026-03-09")))
