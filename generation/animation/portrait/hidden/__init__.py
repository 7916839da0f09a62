"""The hidden surface: hair, jaw and neck behind what the picture shows, uncovered by a head that turns.

Hair goes on behind the person's outline, in the colours of its own edge; the jaw behind the face's edge, in
the colours of the skin inside of that edge. The neck is a cylinder around its joints, as wide as the picture
leaves room for. At rest the person covers all of it.
"""
