import pytest

from crossmatrix.accounts.rules import ROLES, Permission, Role, may_decide, permits


def test_nobody_decides_on_what_they_wrote():
    assert not may_decide(decider=7, contributors=[3, 7])


def test_another_person_decides():
    assert may_decide(decider=8, contributors=[3, 7])


def test_the_system_never_decides():
    assert not may_decide(decider=None, contributors=[])


def test_a_supplier_can_propose_and_nothing_else():
    assert ROLES[Role.SUPPLIER] == {Permission.BUNDLE_PROPOSE}


@pytest.mark.parametrize("role", [Role.ANALYST, Role.STAFF, Role.INTEGRATOR, Role.SUPPLIER])
def test_only_managers_heads_and_administrators_approve_pairs(role):
    assert not permits([role], Permission.PAIR_APPROVE)


def test_several_roles_add_up():
    assert permits([Role.STAFF, Role.ANALYST], Permission.EVIDENCE_REFRESH)
