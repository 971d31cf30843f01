# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
