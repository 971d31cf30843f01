# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Glossary, catalogues and rules behind check.py, update.py and fill.py."""
