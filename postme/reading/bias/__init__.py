"""What a bias audit reads: templates and labels, comparison scores, a department's search log, published rates.

Templates are biometric data: they are read where they lie and never copied. Every refusal says how the file can be
mended, and ``--accept`` takes what an auditor has looked at and will answer for.
"""
