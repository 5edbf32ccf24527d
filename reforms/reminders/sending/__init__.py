"""From what is owed to what arrived: letters are gathered, claimed and sent, and each sweep is kept."""
