#!/bin/bash
# What it leaves has lost its parents and its session, and wants to live.
(setsid bash -c 'trap "" HUP INT TERM; sleep 600; :' &)
sleep 0.3
