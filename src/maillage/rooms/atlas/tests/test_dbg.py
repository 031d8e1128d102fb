import pytest
from maillage.rooms.atlas.tests.test_suggestions import entry, pytestmark
from maillage.rooms.atlas.tests.test_suggestions import _typed,_correct
def test_x(client, entry):
    data=_typed(client, entry, phone="04 72 89 23 10")
    print(data)
    a=client.post(_correct(entry), data)
    import re
    print(re.findall(r"error-summary.*?</div>", a.content.decode(), re.S))
    assert 0
