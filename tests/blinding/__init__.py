"""The proof of blinding: two copies of the service that differ in the arms alone, and what can be got out of them.

- `ground`: the ledger from which both copies are made. `twins`: both, on one clock and one stream of randomness.
- `bench`: what the unblinded do, in each copy for itself. `ward`: what people do in the open plane, in both alike.
- `views`: everything that a blinded person can ask for, from the URL map. `walk`: one random run, compared throughout.
- `leaks`: leaks that are planted in the product's own code; each has to be found.
- `timing`, `guess`, `search`: response times, a classifier over downloads, and the bytes on disk.
- `report`: all of it on one page (`make prove-blinding`).
"""
