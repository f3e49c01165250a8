package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.snapshot.ConsistentView;

/// A view of the tables and where in the binlog changes go on behind it. Whoever gets it closes the
/// view.
///
/// @param view open
/// @param place from which changes follow: every transaction in front of it, and every one in its
///   set of executed GTIDs, is in the view
/// @param overlapEnd every transaction in the view starts in front of it, so what is read from the
///   place up to here may be in the view already
public record HandOver(ConsistentView view, FeedPosition place, BinlogPosition overlapEnd) {}
