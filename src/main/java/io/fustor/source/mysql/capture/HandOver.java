package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.snapshot.ConsistentView;

/// A view of the tables, and the place in the binlog from which changes follow it. The caller
/// closes the view.
///
/// @param view open
/// @param place from which changes follow: the view contains every transaction before it, and every
///   transaction in its set of executed GTIDs
/// @param overlapEnd every transaction in the view starts before it, so the view may already
///   contain transactions between the place and this position
public record HandOver(ConsistentView view, Place place, BinlogPosition overlapEnd) {}
