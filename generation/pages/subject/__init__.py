"""Pages of the people whose face or voice it is, behind links sent to their contact: asked, shown, ended."""
