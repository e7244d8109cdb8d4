@echo off
set ${EXCHANGE}_API_KEY=${key}
set "${EXCHANGE}_API_SECRET=${secret}"
python bot.py
