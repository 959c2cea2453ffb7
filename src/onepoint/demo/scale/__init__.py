"""The demo many times over, in bulk.

The people of the demo really worked its few hundred tickets through the services. Here each of these stories, with every
row it left behind, is told again about other customers at other times: ``stories`` reads them, ``plan`` says which is told
when, ``wording`` invents who and what, ``stamping`` writes the rows by COPY, ``run`` does it in batches.
"""
