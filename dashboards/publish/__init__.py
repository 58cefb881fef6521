"""Puts what ``dashboards/rendered`` holds on a Grafana server, by grafana-api: what differs is written, no more.

:mod:`.wanted` says what each organisation is to hold, :mod:`.catalogue` reads the files, :mod:`.server` is the one way
to the server; :mod:`.organisations`, :mod:`.sources`, :mod:`.folders`, :mod:`.boards`, :mod:`.alerts`, :mod:`.contacts`
and :mod:`.routing` each find what is to change of one kind, and :mod:`.publisher` does it or only tells of it.
"""
